package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	"example.com/dtx/ch07-messages/broker"
	"example.com/dtx/ch07-messages/promises"
	"example.com/dtx/lab"
)

// tried shows what the broker's own promises cover, each by a run.
func tried(ctx context.Context, t *lab.Teller) error {
	rows, err := triedRows(ctx)
	if err != nil {
		return err
	}
	t.Say("\"delivered a: first\": a fetch returned message a with the body first;")
	t.Say("\"again\": it was delivered before; \"nothing\": a fetch returned no message.")
	t.Say("\"stored\" and \"duplicate\" answer a publication, \"acknowledged\" an")
	t.Say("acknowledgement. The first \"stored\" of a run is left out.")
	t.Table(rows)
	return nil
}

// triedRows tries all promises on one broker, at the same time.
func triedRows(ctx context.Context) (rows [][]string, err error) {
	dir, err := os.MkdirTemp("", "dtx")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	ctx, end := context.WithCancel(ctx)
	b, err := broker.Open(ctx, dir, promises.Consumers()...)
	if err != nil {
		end()
		return nil, err
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = b.Run(ctx) }) // it returns nil
	defer serving.Wait()
	defer end()
	return sawRows(ctx, b)
}

func sawRows(ctx context.Context, b *broker.Broker) ([][]string, error) {
	all := promises.All()
	rows := [][]string{{"what is claimed", "what a run has seen"}}
	saw, errs := make([]string, len(all)), make([]error, len(all))
	var wg sync.WaitGroup
	for i, p := range all {
		wg.Go(func() {
			saw[i], errs[i] = p.Try(ctx, b)
			if errs[i] == nil && saw[i] != p.Saw {
				errs[i] = fmt.Errorf("%s: seen %q, claimed %q", p.Name, saw[i], p.Saw)
			}
		})
	}
	wg.Wait()
	for i, p := range all {
		rows = append(rows, []string{p.Claim, saw[i]})
	}
	return rows, errors.Join(errs...)
}
