package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"example.com/dtx/ch06-tcc/participant"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/shop"
)

// beforeDecision and afterDecision are the two moments at which the initiator dies.
func beforeDecision() fault.Fault { return decision(fault.CrashBefore) }
func afterDecision() fault.Fault  { return decision(fault.CrashAfter) }

func decision(death fault.Kind) fault.Fault {
	return fault.Fault{Kind: death, Point: "order: commit POST /orders order-1 #2"}
}

// tally is how much tea there is in each form.
type tally struct{ Available, Reserved, Sold int64 }

// die kills the initiator at its decision, counts the tea, starts the initiator again, and
// counts once more.
func die(ctx context.Context, death fault.Fault) (while, after tally, err error) {
	cluster, err := real.Start(ctx, reserving(), real.Options{
		Plan: []fault.Fault{death}, StayDown: true,
	})
	if err != nil {
		return while, after, err
	}
	defer func() { err = errors.Join(err, cluster.Close()) }()
	cluster.Place(ctx, shop.Tea(), 1)
	if while, err = countTea(ctx, cluster); err != nil {
		return while, after, err
	}
	if err := errors.Join(cluster.Revive("order"), cluster.Settle(ctx)); err != nil {
		return while, after, err
	}
	after, err = countTea(ctx, cluster)
	return while, after, err
}

// countTea asks stock what there is. Of 10 packets, the rest is sold.
func countTea(ctx context.Context, cluster *real.Cluster) (n tally, err error) {
	accounts, err := httpapi.Get[[]participant.Account](ctx, cluster.Client(), "http://stock/items")
	for _, a := range accounts {
		if a.Name == "tea" {
			n = tally{a.Available, a.Reserved, 10 - a.Available - a.Reserved}
		}
	}
	return n, err
}

// betweenRows are what becomes of the tea when the initiator dies at its decision.
func betweenRows(ctx context.Context) ([][]string, error) {
	before, cancelled, err := die(ctx, beforeDecision())
	if err != nil {
		return nil, err
	}
	after, confirmed, err := die(ctx, afterDecision())
	if err == nil && before != after {
		err = fmt.Errorf("while it is away the cases differ: %v and %v", before, after)
	}
	rows := [][]string{
		{"10 packets of tea", "it is away", "restarted; it died before its decision",
			"restarted; it died after its decision"},
		{"available"}, {"reserved"}, {"sold"},
	}
	for _, n := range []tally{before, cancelled, confirmed} {
		for i, count := range []int64{n.Available, n.Reserved, n.Sold} {
			rows[i+1] = append(rows[i+1], strconv.FormatInt(count, 10))
		}
	}
	return rows, err
}
