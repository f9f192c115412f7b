package main

import (
	"context"
	"slices"

	"example.com/dtx/lab"
	"example.com/dtx/lab/source"
)

// atomicity places the same order as three statements and as one transaction,
// under every fault.
func atomicity(ctx context.Context, t *lab.Teller) error {
	return source.TellScores(ctx, t, chapter(), statements(), transaction())
}

// dualWrite writes an order to two databases, one after the other, under every
// fault. What tears it is the list that the next chapters make empty.
func dualWrite(ctx context.Context, t *lab.Teller) error {
	reports, err := source.Simulate(ctx, chapter())
	if err != nil {
		return err
	}
	sum := lab.Total(reports, twoDatabases().Name)
	rows := [][]string{{"what tears an order over two databases"}}
	for _, c := range tears(sum) {
		rows = append(rows, []string{c})
	}
	t.Table(rows)
	for _, d := range sum.Damages {
		t.Say("The shortest, %s:", d.Cause())
		if err := t.Draw(twoDatabases().Columns(), d.Events); err != nil {
			return err
		}
	}
	return nil
}

// tears lists every fault that broke something, each once.
func tears(r lab.Report) (list []string) {
	for _, d := range r.Damages {
		list = append(list, d.Causes...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
