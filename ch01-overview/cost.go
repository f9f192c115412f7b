package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/shop"
)

// price is what one order costs in one architecture.
type price struct {
	Processes, Messages, Commits, Forced int
	Memory                               int64 // bytes
	Startup                              time.Duration
}

// measure starts a variant, places one order, and counts.
func measure(ctx context.Context, v lab.Variant) (p price, err error) {
	began := time.Now()
	cluster, err := real.Start(ctx, v, real.Options{})
	if err != nil {
		return p, err
	}
	p.Startup = time.Since(began)
	told := cluster.Place(ctx, shop.Tea(), 1)
	err = errors.Join(cluster.Settle(ctx), cluster.Close())
	if err == nil && !told[0].Confirmed() {
		err = fmt.Errorf("the order failed: %s", told[0])
	}
	for _, used := range cluster.Processes() {
		p.Processes++
		p.Memory += used.Usage.Memory
		p.Forced += int(used.Usage.Forced)
	}
	for _, e := range cluster.Events() {
		switch e.Kind {
		case event.Send:
			p.Messages++
		case event.Commit:
			p.Commits++
		}
	}
	return p, err
}

// cost sets the price of one order in both architectures side by side.
func cost(ctx context.Context, t *lab.Teller) error {
	one, err := measure(ctx, inOneProcess())
	if err != nil {
		return err
	}
	many, err := measure(ctx, inServices())
	if err != nil {
		return err
	}
	row := func(name, format string, a, b any) []string {
		return []string{name, fmt.Sprintf(format, a), fmt.Sprintf(format, b)}
	}
	t.Table([][]string{
		{"for one order", "monolith", "services"},
		row("processes", "%d", one.Processes, many.Processes),
		row("messages", "%d", one.Messages, many.Messages),
		row("commits", "%d", one.Commits, many.Commits),
		row("forced to the disk", "%d", one.Forced, many.Forced),
		row("memory of the Go runtime", "%d MB", one.Memory>>20, many.Memory>>20),
		row("until all are ready", "%d ms",
			one.Startup.Milliseconds(), many.Startup.Milliseconds()),
	})
	return nil
}
