package main

import (
	"context"
	"strconv"

	"example.com/dtx/lab"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/shop"
)

// costRows are what an order costs that is confirmed, and one that is cancelled.
func costRows(ctx context.Context) ([][]string, error) {
	rows := [][]string{{"", "answer", "messages", "commits", "of them forced"}}
	noPlace := shop.Tea()
	noPlace.Slot = "sun-am"
	for _, o := range []lab.Order{shop.Tea(), noPlace} {
		p, told, err := real.PriceOf(ctx, reserving(), o)
		if err != nil {
			return nil, err
		}
		about := map[int]string{201: "all reserve", 409: "delivery refuses"}[told.Status]
		rows = append(rows, []string{about, strconv.Itoa(told.Status),
			strconv.Itoa(p.Messages), strconv.Itoa(p.Commits), strconv.Itoa(p.Forced)})
	}
	return rows, nil
}
