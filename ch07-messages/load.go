package main

import (
	"context"
	"errors"
	"fmt"

	"example.com/dtx/lab"
	"example.com/dtx/lab/load"
	"example.com/dtx/lab/shop"
	"example.com/dtx/lab/source"
)

// loadExperiment sets the saga of chapter 4, whose services ask each other over HTTP, beside the
// broker, while several customers order at once.
func loadExperiment(ctx context.Context, t *lab.Teller) error {
	rows, err := loadRows(ctx, 1)
	if err == nil {
		t.Table(rows)
	}
	return err
}

// loadRows drives both in turn, so many times, and returns the runs in the middle.
func loadRows(ctx context.Context, turns int) (rows [][]string, err error) {
	program, remove, err := source.Build(ctx, "ch04-saga")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	rows = [][]string{{"clients", "", "orders/s", "÷ saga", "p50", "p99", "202 instead of 201"}}
	for _, clients := range []int{1, 16, 64} {
		orders := 100 + 15*clients
		saga := loadOf(saga(), clients, orders)
		saga.Program = program
		rates, err := load.Interleave(ctx, turns, saga, loadOf(brokered(), clients, orders))
		if err != nil {
			return nil, err
		}
		for i, name := range []string{"saga over HTTP", "broker"} {
			m := load.Median(rates[i])
			rows = append(rows, []string{
				fmt.Sprint(clients), name, fmt.Sprintf("%.0f", m.PerSecond()),
				fmt.Sprintf("%.2f", load.Ratio(rates[i], rates[0])),
				fmt.Sprintf("%d ms", m.P50.Milliseconds()),
				fmt.Sprintf("%d ms", m.P99.Milliseconds()), fmt.Sprint(m.Other[202]),
			})
		}
	}
	return rows, nil
}

// saga is what a load needs to know of chapter 4's variant.
func saga() lab.Variant {
	return lab.Variant{
		Name: "orchestrated", Services: []lab.Service{
			{Name: "order", Schema: lab.SchemaOfItsProgram, Queries: lab.Queries{
				Stuck: "SELECT id FROM sagas WHERE state NOT IN ('done', 'compensated')",
			}},
			{Name: "stock"}, {Name: "payment"}, {Name: "delivery"},
		},
	}
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
			o := shop.Tea()
			o.Key, o.Quantity = fmt.Sprintf("order-%d", i), 1
			return o
		},
	}
}
