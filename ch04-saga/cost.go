package main

import (
	"context"
	"fmt"
	"strings"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/load"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/shop"
)

// price is what one order costs.
type price struct {
	Messages int              // those to and from the customer among them
	Forced   map[string]int64 // commits forced to the disk, by service
}

// measure starts a variant, places one order, and counts.
func measure(ctx context.Context, v lab.Variant) (price, error) {
	told, events, err := real.PlaceOne(ctx, v, shop.Tea())
	if err == nil && !told.Confirmed() {
		err = fmt.Errorf("the order failed: %s", told)
	}
	return count(events), err
}

// count counts what was sent and forced for an order. What a process forces at its
// start is not the order's.
func count(events []event.Event) price {
	p := price{Forced: map[string]int64{}}
	for _, e := range events {
		switch {
		case e.Kind == event.Send:
			p.Messages++
		case e.Kind == event.Commit && e.Data.Forced && strings.Contains(e.Point, shop.Tea().Key):
			p.Forced[e.Service]++
		}
	}
	return p
}

// loadOf is orders that nothing is in the way of.
func loadOf(v lab.Variant, clients, orders int) load.Load {
	return load.Load{
		Variant: v, Clients: clients, Orders: orders,
		Seed: map[string]string{
			"stock":    "UPDATE accounts SET amount = 1000000",
			"payment":  "UPDATE accounts SET amount = 1000000000",
			"delivery": "UPDATE accounts SET amount = 1000000",
		},
		Order: func(i int) lab.Order {
			return lab.Order{
				Key:      fmt.Sprintf("order-%d", i),
				Customer: "ada", Item: "tea", Quantity: 1, Slot: "mon-am",
			}
		},
	}
}

// cost sets the price of one order side by side, carried out in both ways.
func cost(ctx context.Context, t *lab.Teller) error {
	one, err := measure(ctx, orchestrated())
	if err != nil {
		return err
	}
	other, err := measure(ctx, choreographed())
	if err != nil {
		return err
	}
	rows := [][]string{
		{"for one order", "orchestrated", "choreographed"},
		{"messages", fmt.Sprint(one.Messages), fmt.Sprint(other.Messages)},
	}
	for _, s := range orchestrated().Services {
		rows = append(rows, []string{
			"forced to the disk by " + s.Name,
			fmt.Sprint(one.Forced[s.Name]), fmt.Sprint(other.Forced[s.Name]),
		})
	}
	t.Table(rows)
	return nil
}

// loadExperiment sets the two beside bare calls, while several customers order at once.
func loadExperiment(ctx context.Context, t *lab.Teller) error {
	rows := [][]string{{
		"clients", "orders/s: bare calls", "orchestrated", "choreographed",
		"orchestrated ÷ bare", "forced writes an order",
	}}
	for _, clients := range []int{1, 16, 64} {
		orders := 200 + 25*clients
		rates, err := load.Interleave(ctx, 1,
			loadOf(bare(), clients, orders),
			loadOf(orchestrated(), clients, orders),
			loadOf(choreographed(), clients, orders))
		if err != nil {
			return err
		}
		row := []string{fmt.Sprint(clients)}
		for _, r := range rates {
			row = append(row, fmt.Sprintf("%.0f", r[0].PerSecond()))
		}
		rows = append(rows, append(row,
			fmt.Sprintf("%.2f", load.Ratio(rates[1], rates[0])),
			fmt.Sprintf("%.2f", each(rates[1][0]))))
	}
	t.Table(rows)
	return nil
}

// each is how many commits were forced to the disk for an order.
func each(r load.Rate) float64 { return float64(r.Forced()) / float64(r.Orders) }
