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
	"example.com/dtx/lab/source"
)

// price is what one order costs.
type price struct{ Messages, Commits, Forced int }

// measure places one order in real processes, and counts. What a process does at
// its start is not the order's.
func measure(ctx context.Context, o lab.Order) (p price, told lab.Answer, err error) {
	cluster, err := real.Start(ctx, inRows(), real.Options{})
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

// priced are the orders whose price is told.
func priced() []struct {
	About string
	lab.Order
} {
	leaflet, tooMuch := shop.Tea(), shop.Tea()
	leaflet.Item = "leaflet"
	tooMuch.Item = "truffle"
	return []struct {
		About string
		lab.Order
	}{
		{"three participants commit", shop.Tea()},
		{"two commit, one has nothing to do", leaflet},
		{"one says no", tooMuch},
	}
}

// cost tells what an order costs, counted.
func cost(ctx context.Context, t *lab.Teller) error {
	rows := [][]string{{"", "answer", "messages", "commits", "forced"}}
	for _, o := range priced() {
		p, told, err := measure(ctx, o.Order)
		if err != nil {
			return err
		}
		rows = append(rows, []string{
			o.About, strconv.Itoa(told.Status),
			strconv.Itoa(p.Messages), strconv.Itoa(p.Commits), strconv.Itoa(p.Forced),
		})
	}
	t.Table(rows)
	return nil
}

// faults tries every fault on the shop.
func faults(ctx context.Context, t *lab.Teller) error {
	return source.TellScores(ctx, t, chapter(), inRows())
}
