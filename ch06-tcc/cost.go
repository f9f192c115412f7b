package main

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/shop"
)

// price is what one order costs.
type price struct{ Messages, Commits, Forced int }

// measure places one order in real processes, and counts. What a process does at its
// start is not the order's.
func measure(ctx context.Context, o lab.Order) (p price, told lab.Answer, err error) {
	cluster, err := real.Start(ctx, reserving(), real.Options{})
	if err != nil {
		return p, told, err
	}
	told = cluster.Place(ctx, o, 1)[0]
	err = errors.Join(cluster.Settle(ctx), cluster.Close())
	for _, e := range cluster.Events() {
		switch {
		case e.Kind == event.Send:
			p.Messages++
		case e.Kind == event.Commit && strings.Contains(e.Point, o.Key):
			p.Commits++
			if e.Data.Forced {
				p.Forced++
			}
		}
	}
	return p, told, err
}

// costRows are what an order costs that is confirmed, and one that is cancelled.
func costRows(ctx context.Context) ([][]string, error) {
	rows := [][]string{{"", "answer", "messages", "commits", "of them forced"}}
	noPlace := shop.Tea()
	noPlace.Slot = "sun-am"
	for _, o := range []lab.Order{shop.Tea(), noPlace} {
		p, told, err := measure(ctx, o)
		if err != nil {
			return nil, err
		}
		about := map[int]string{201: "all reserve", 409: "delivery refuses"}[told.Status]
		rows = append(rows, []string{about, strconv.Itoa(told.Status),
			strconv.Itoa(p.Messages), strconv.Itoa(p.Commits), strconv.Itoa(p.Forced)})
	}
	return rows, nil
}

// cost tells what an order costs, counted.
func cost(ctx context.Context, t *lab.Teller) error {
	rows, err := costRows(ctx)
	if err == nil {
		t.Table(rows)
	}
	return err
}
