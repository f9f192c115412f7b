package main

import (
	"context"
	"errors"
	"fmt"

	"example.com/dtx/lab"
	"example.com/dtx/lab/load"
	"example.com/dtx/lab/source"
)

// spread is over how many items, customers and slots the orders of a load are
// spread, so that they seldom meet.
const spread = 1000

// seed makes so many items, customers and slots, each of which lasts for any load.
func seed(account string) map[string]string {
	many := func(insert string) string {
		return fmt.Sprintf(`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n
			WHERE i < %d) %s FROM n;`, spread-1, insert)
	}
	accounts := many(`INSERT INTO accounts (name, ` + account + `)
		SELECT 'account-' || i, 1000000000`)
	return map[string]string{
		"order": many("INSERT INTO prices SELECT 'account-' || i, 1"),
		"stock": accounts, "payment": accounts, "delivery": accounts,
	}
}

// rival is a protocol that is compared.
type rival struct {
	Name   string
	Folder string // the chapter's; empty for this one
	load.Load
}

// rivals are the protocols. Those of other chapters run as programs.
func rivals() []rival {
	return []rival{
		{"saga", "ch04-saga", remote("orchestrated",
			"SELECT id FROM sagas WHERE state NOT IN ('done', 'compensated')", "")},
		{"two-phase commit", "ch05-2pc", remote("rows",
			"SELECT id FROM decisions WHERE waiting <> ''",
			"SELECT id FROM branches WHERE state = 'prepared'")},
		{"TCC", "", load.Load{Variant: reserving(), Seed: seed("available")}},
		{"AT", "", load.Load{Variant: undoing(), Seed: seed("available")}},
	}
}

// remote is a load on another chapter's variant. The queries are for what is stuck.
func remote(variant, order, participant string) load.Load {
	v := lab.Variant{Name: variant, Services: []lab.Service{
		{Name: "order", Schema: lab.SchemaOfItsProgram, Queries: lab.Queries{Stuck: order}},
	}}
	for _, name := range []string{"stock", "payment", "delivery"} {
		queries := lab.Queries{
			Balances: "SELECT '" + name + "', name, amount FROM accounts", Stuck: participant,
		}
		v.Services = append(v.Services, lab.Service{
			Name: name, Schema: lab.SchemaOfItsProgram, Queries: queries,
		})
	}
	return load.Load{Seed: seed("amount"), Variant: v}
}

// built has the rivals' programs built; remove takes them away.
func built(ctx context.Context) (list []rival, remove func() error, err error) {
	list = rivals()
	var removes []func() error
	remove = func() (err error) {
		for _, r := range removes {
			err = errors.Join(err, r())
		}
		return err
	}
	for i, r := range list {
		if r.Folder == "" {
			continue
		}
		program, r, err := source.Build(ctx, r.Folder)
		if err != nil {
			return nil, nil, errors.Join(err, remove())
		}
		list[i].Program = program
		removes = append(removes, r)
	}
	return list, remove, nil
}

// run is a load that was measured.
type run struct {
	Protocol, Orders string
	Rates            []load.Rate
}

// drive has the rivals take turns with orders that seldom meet, and with orders that
// all want the same three rows.
func drive(ctx context.Context, list []rival, turns, clients, orders int) (runs []run, err error) {
	var loads []load.Load
	for _, over := range []struct {
		name     string
		accounts int
	}{{"apart", spread}, {"same rows", 1}} {
		for _, r := range list {
			r.Clients, r.Load.Orders, r.Order = clients, orders, orderOver(over.accounts)
			runs = append(runs, run{Protocol: r.Name, Orders: over.name})
			loads = append(loads, r.Load)
		}
	}
	rates, err := load.Interleave(ctx, turns, loads...)
	for i := range rates {
		runs[i].Rates = rates[i]
	}
	return runs, err
}

// orderOver places orders on so many different items, customers and slots.
func orderOver(accounts int) func(i int) lab.Order {
	return func(i int) lab.Order {
		name := fmt.Sprintf("account-%d", i%accounts)
		key := fmt.Sprintf("order-%d", i)
		return lab.Order{Key: key, Customer: name, Item: name, Quantity: 1, Slot: name}
	}
}

// compare drives the protocols in turn.
func compare(ctx context.Context, t *lab.Teller) (err error) {
	list, remove, err := built(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	rows := [][]string{{"clients", "orders", "", "orders/s", "p50", "p99", "forced", "not done"}}
	for _, clients := range []int{1, 16, 64} {
		runs, err := drive(ctx, list, 1, clients, 200+15*clients)
		if err != nil {
			return err
		}
		for _, r := range runs {
			rows = append(rows, rowOf(clients, r).cells())
		}
	}
	t.Table(rows)
	return nil
}

// measuredRow is one load of the table.
type measuredRow struct {
	Clients             int
	Orders, Protocol    string
	PerSecond, P50, P99 float64 // p50 and p99 in ms
	Forced, NotDone     float64 // each order's
}

func rowOf(clients int, r run) measuredRow {
	m := load.Median(r.Rates)
	notDone := 0 // there is enough of everything: no order is refused
	for _, n := range m.Other {
		notDone += n
	}
	ms := func(us int64) float64 { return float64(us) / 1000 }
	return measuredRow{
		clients, r.Orders, r.Protocol, m.PerSecond(), ms(m.P50.Microseconds()),
		ms(m.P99.Microseconds()), float64(m.Forced()) / float64(m.Orders),
		float64(notDone) / float64(m.Orders),
	}
}

func (r measuredRow) cells() []string {
	return []string{
		fmt.Sprint(r.Clients), r.Orders, r.Protocol, fmt.Sprintf("%.0f", r.PerSecond),
		fmt.Sprintf("%.0f ms", r.P50), fmt.Sprintf("%.0f ms", r.P99),
		fmt.Sprintf("%.2f", r.Forced), fmt.Sprintf("%.0f %%", 100*r.NotDone),
	}
}
