package main

import (
	"context"
	"strconv"

	"example.com/dtx/lab"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/shop"
	"example.com/dtx/lab/source"
)

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
		p, told, err := real.PriceOf(ctx, inRows(), o.Order)
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
