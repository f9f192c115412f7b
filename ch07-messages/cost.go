package main

import (
	"context"
	"fmt"
	"strings"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/shop"
)

// price is what one order costs. What the broker itself writes is not counted: it is in
// none of the databases.
type price struct{ Published, Acknowledged, Forced, Unforced int }

// measure places one order in real processes, and counts.
func measure(ctx context.Context, o lab.Order) (p price, told lab.Answer, err error) {
	told, events, err := real.PlaceOne(ctx, brokered(), o)
	for _, e := range events {
		p.count(e)
	}
	return p, told, err
}

func (p *price) count(e event.Event) {
	sends := e.Kind == event.Send && !e.Data.Reply
	switch {
	case sends && strings.HasPrefix(e.Data.Text, "POST /publish/"):
		p.Published++
	case sends && strings.HasPrefix(e.Data.Text, "POST /ack/"):
		p.Acknowledged++
	case e.Kind == event.Commit && e.Data.Forced && !strings.Contains(e.Point, "background"):
		p.Forced++
	case e.Kind == event.Commit && !e.Data.Forced:
		p.Unforced++
	}
}

// costRows are what an order costs that is confirmed, and one that is refused last.
func costRows(ctx context.Context) ([][]string, error) {
	rows := [][]string{{
		"", "answer", "published", "acknowledged", "commits forced", "commits not forced",
	}}
	noPlace := shop.Tea()
	noPlace.Slot = "sun-am"
	for _, o := range []lab.Order{shop.Tea(), noPlace} {
		p, told, err := measure(ctx, o)
		if err != nil {
			return nil, err
		}
		about := map[int]string{201: "confirmed", 409: "delivery refuses"}[told.Status]
		row := []string{about, fmt.Sprint(told.Status)}
		for _, n := range []int{p.Published, p.Acknowledged, p.Forced, p.Unforced} {
			row = append(row, fmt.Sprint(n))
		}
		rows = append(rows, row)
	}
	return rows, nil
}
