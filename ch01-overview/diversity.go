package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"example.com/dtx/ch01-overview/recommend"
	"example.com/dtx/internal/program"
	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/shop"
)

// useTwin places an order while the service in Python stands in the place of
// the one in Go.
func useTwin(ctx context.Context) (told lab.Answer, events []event.Event, err error) {
	root, err := program.Root(".")
	if err != nil {
		return told, nil, err
	}
	program := filepath.Join(root, "ch01-overview", "recommend", "recommend.py")
	twin, err := recommend.StartTwin(ctx, program)
	if err != nil {
		return told, nil, err
	}
	defer func() { err = errors.Join(err, twin.Stop()) }()
	cluster, err := real.Start(ctx, inServices(), real.Options{})
	if err != nil {
		return told, nil, err
	}
	defer func() { err = errors.Join(err, cluster.Close()) }()
	cluster.Adopt("recommend", twin.Addr, "in Python")
	told = cluster.Place(ctx, shop.Tea(), 1)[0]
	err = cluster.Settle(ctx)
	return told, cluster.Events(), err
}

// diversity shows that a service's language is its own affair.
func diversity(ctx context.Context, t *lab.Teller) error {
	told, events, err := useTwin(ctx)
	if errors.Is(err, recommend.ErrNoPython) {
		t.Say("Left out: %v.", err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("with the twin in Python: %w", err)
	}
	if err := t.Draw(inServices().Columns(), events); err != nil {
		return err
	}
	t.Say("%s\n%s", told, strings.TrimSpace(told.Body))
	return nil
}
