package main

import (
	"context"
	"errors"
	"fmt"

	"example.com/dtx/lab"
)

// spread is over how many items, customers and slots the orders of a load are
// spread, so that they seldom meet.
const spread = 1000

// seed makes so many items, customers and slots, each of which lasts for any load.
func seed() map[string]string {
	many := func(insert string) string {
		return fmt.Sprintf("WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d) %s FROM n;", spread-1, insert)
	}
	accounts := many("INSERT INTO accounts SELECT 'account-' || i, 1000000000")
	return map[string]string{
		"order": many("INSERT INTO prices SELECT 'account-' || i, 1"),
		"stock": accounts, "payment": accounts, "delivery": accounts,
	}
}

// over places orders on so many different items, customers and slots.
func over(accounts int) func(i int) lab.Order {
	return func(i int) lab.Order {
		name := fmt.Sprintf("account-%d", i%accounts)
		return lab.Order{Key: fmt.Sprintf("order-%d", i), Customer: name, Item: name, Quantity: 1, Slot: name}
	}
}

// apart is a load of orders that seldom meet on two-phase commit.
func apart(clients, orders int) lab.Load {
	return lab.Load{Variant: inRows(), Clients: clients, Orders: orders, Seed: seed(), Order: over(spread)}
}

// together is the same load, all of it on the same three rows.
func together(clients, orders int) lab.Load {
	l := apart(clients, orders)
	l.Order = over(1)
	return l
}

// saga is the same load on chapter 4's program.
func saga(program string, clients, orders int) lab.Load {
	l := apart(clients, orders)
	l.Program = program
	l.Variant = lab.Variant{Name: "orchestrated", Services: []lab.Service{
		{Name: "order", Schema: "its own", Queries: lab.Queries{Stuck: "SELECT id FROM sagas WHERE state NOT IN ('done', 'compensated')"}},
		{Name: "stock"}, {Name: "payment"}, {Name: "delivery"},
	}}
	return l
}

// sagaTogether is the saga's load, all of it on the same three rows.
func sagaTogether(program string, clients, orders int) lab.Load {
	l := saga(program, clients, orders)
	l.Order = over(1)
	return l
}

// compare drives chapter 4's saga and this chapter's protocol, in turn.
func compare(ctx context.Context, t *lab.Teller) (err error) {
	program, remove, err := lab.Build(ctx, "ch04-saga")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	disk, err := lab.Fsyncs(ctx, 1000)
	if err != nil {
		return err
	}
	t.Say("raw fsyncs of the disk: %.0f/s", disk)
	rows := [][]string{{"clients", "orders", "saga: orders/s", "p99", "forced", "2PC: orders/s", "p99", "forced", "not done"}}
	for _, clients := range []int{1, 16, 64} {
		orders := 200 + 15*clients
		rates, err := lab.Interleave(ctx, 1, saga(program, clients, orders), apart(clients, orders), sagaTogether(program, clients, orders), together(clients, orders))
		if err != nil {
			return err
		}
		rows = append(rows, compared(clients, "apart", rates[0][0], rates[1][0]), compared(clients, "same rows", rates[2][0], rates[3][0]))
	}
	t.Table(rows)
	return nil
}

func compared(clients int, orders string, saga, twopc lab.Rate) []string {
	row := []string{fmt.Sprint(clients), orders}
	for _, r := range []lab.Rate{saga, twopc} {
		row = append(row, fmt.Sprintf("%.0f", r.PerSecond()), fmt.Sprintf("%d ms", r.P99.Milliseconds()), fmt.Sprintf("%.2f", perOrder(r)))
	}
	return append(row, fmt.Sprint(twopc.Other[503]))
}

// perOrder is how many commits were forced to the disk for an order.
func perOrder(r lab.Rate) float64 { return float64(r.Forced()) / float64(r.Orders) }
