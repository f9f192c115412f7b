package real

import (
	"context"
	"errors"
	"strings"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
)

// PlaceOne starts a variant, and lets a client place one order, once. It returns the
// client's answer and all events until the services are at rest.
func PlaceOne(
	ctx context.Context, v lab.Variant, o lab.Order,
) (told lab.Answer, events []event.Event, err error) {
	cluster, err := Start(ctx, v, Options{})
	if err != nil {
		return told, nil, err
	}
	told = cluster.Place(ctx, o, 1)[0]
	err = errors.Join(cluster.Settle(ctx), cluster.Close())
	return told, cluster.Events(), err
}

// Price is what one order costs: the messages, those to and from the client among them,
// and the commits.
type Price struct{ Messages, Commits, Forced int }

// PriceOf places one order, and counts. What a process does at its start is not the
// order's.
func PriceOf(
	ctx context.Context, v lab.Variant, o lab.Order,
) (p Price, told lab.Answer, err error) {
	told, events, err := PlaceOne(ctx, v, o)
	for _, e := range events {
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
