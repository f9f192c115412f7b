package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/shop"
)

// window is what the rest of the world finds at one moment.
type window struct {
	Locked  []string // rows
	Orders  int      // orders that another client could place now, if no row were locked
	Refused int      // those among them that meet a lock
	Old     int64    // units of tea, read without waiting for the lock
	Waiting string   // answer to a read that waits for the lock
}

// blocked is a coordinator's absence.
type blocked struct {
	While, After window
	Down         time.Duration
	Events       []event.Event // the events until it is back, without those of looking around
	Ledger       lab.Ledger
	Open, Parked []twopc.Entry // decisions, as the coordinator lists them
}

// block kills the coordinator at its decision, looks around, and starts it
// again. Meanwhile an impatient operator may do something.
func block(
	ctx context.Context, v lab.Variant, death fault.Kind,
	operator func(context.Context, *real.Cluster) error,
) (b blocked, err error) {
	plan := []fault.Fault{{Kind: death, Point: "order: commit POST /orders order-1 #1"}}
	cluster, err := real.Start(ctx, v, real.Options{Plan: plan, StayDown: true})
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, cluster.Close()) }()
	cluster.Place(ctx, shop.Tea(), 1)
	began := time.Now()
	if b.While, err = look(ctx, cluster, "down"); err != nil {
		return b, err
	}
	if err := operator(ctx, cluster); err != nil {
		return b, err
	}
	b.Down = time.Since(began)
	if err := errors.Join(cluster.Revive("order"), cluster.Settle(ctx)); err != nil {
		return b, err
	}
	b.Events = slices.DeleteFunc(cluster.Events(), func(e event.Event) bool {
		return strings.Contains(e.Point, "probe-") || strings.Contains(e.Point, "GET /items")
	})
	if b.After, err = look(ctx, cluster, "up"); err != nil {
		return b, err
	}
	b.Open, err = httpapi.Get[[]twopc.Entry](ctx, cluster.Client(), "http://order/open")
	if err != nil {
		return b, err
	}
	b.Parked, err = httpapi.Get[[]twopc.Entry](ctx, cluster.Client(), "http://order/parked")
	if err != nil {
		return b, err
	}
	b.Ledger, err = cluster.Ledger(ctx)
	return b, err
}

// patient is the operator who does nothing.
func patient(context.Context, *real.Cluster) error { return nil }

// look sees what is locked, what that refuses, and what readers are told.
func look(ctx context.Context, cluster *real.Cluster, when string) (w window, err error) {
	ledger, err := cluster.Ledger(ctx)
	if err != nil {
		return w, err
	}
	w.Locked = slices.DeleteFunc(ledger.Stuck, func(s string) bool {
		return strings.Contains(s, "not acknowledged")
	})
	for _, customer := range []string{"ada", "bob"} {
		for _, item := range []string{"salt", "tea", "truffle"} {
			for _, slot := range []string{"any-day", "mon-am"} {
				w.Orders++
				id := fmt.Sprintf("probe-%s-%d.2.1", when, w.Orders)
				free, err := probe(ctx, cluster, id, item, customer, slot)
				if err != nil {
					return w, err
				}
				if !free {
					w.Refused++
				}
			}
		}
	}
	accounts, err := httpapi.Get[[]participant.Account](ctx, cluster.Client(), "http://stock/items")
	for _, a := range accounts {
		if a.Name == "tea" {
			w.Old = a.Amount
		}
	}
	if err != nil {
		return w, err
	}
	a, err := httpapi.Get[participant.Account](ctx, cluster.Client(), "http://stock/items/tea")
	w.Waiting = strconv.FormatInt(a.Amount, 10)
	if errors.Is(err, httpapi.Locked) {
		w.Waiting, err = "locked", nil
	}
	return w, err
}

// probe asks the participants, as another coordinator would, to prepare an order
// of one unit, and aborts it. It tells whether no lock was in the way.
func probe(
	ctx context.Context, cluster *real.Cluster, id, item, customer, slot string,
) (free bool, err error) {
	free = true
	client := cluster.Client()
	for service, name := range map[string]string{
		"stock": item, "payment": customer, "delivery": slot,
	} {
		wanted := participant.Wanted{Order: id, Name: name, Amount: 1}
		url := "http://" + service
		_, asked := httpapi.Post[twopc.Vote](ctx, client, url+"/prepare", id, wanted)
		_, undone := insist(ctx, func(ctx context.Context) (struct{}, error) {
			return httpapi.Post[struct{}](ctx, client, url+"/abort", id, struct{}{})
		})
		if errors.Is(asked, httpapi.Locked) {
			free, asked = false, nil
		}
		err = errors.Join(err, asked, undone)
	}
	return free, err
}

// blocking shows what a coordinator that dies in doubt leaves behind.
func blocking(ctx context.Context, t *lab.Teller) error {
	for _, death := range []fault.Kind{fault.CrashBefore, fault.CrashAfter} {
		b, err := block(ctx, inRows(), death, patient)
		if err != nil {
			return err
		}
		t.Say("The coordinator: %s its decision is on the disk.", death)
		t.Table([][]string{
			{"", "while it is down", "when it is back"},
			{"rows locked", strconv.Itoa(len(b.While.Locked)), strconv.Itoa(len(b.After.Locked))},
			{
				"orders of others that get through",
				fmt.Sprintf("%d of %d", b.While.Orders-b.While.Refused, b.While.Orders),
				fmt.Sprintf("%d of %d", b.After.Orders-b.After.Refused, b.After.Orders),
			},
			{
				"tea, read without waiting for the lock",
				strconv.FormatInt(b.While.Old, 10), strconv.FormatInt(b.After.Old, 10),
			},
			{"tea, read with waiting for the lock", b.While.Waiting, b.After.Waiting},
		})
		t.Say("This time it was down for %.0f s.", b.Down.Seconds())
	}
	return nil
}

// heuristic shows what becomes of an order when an operator loses patience.
func heuristic(ctx context.Context, t *lab.Teller) error {
	operator := func(ctx context.Context, cluster *real.Cluster) error {
		for _, service := range []string{"stock", "payment", "delivery"} {
			ids, err := httpapi.Get[[]string](ctx, cluster.Client(), "http://"+service+"/in-doubt")
			if err != nil {
				return err
			}
			t.Say("in doubt  GET http://%s/in-doubt: %s", service, strings.Join(ids, ", "))
		}
		return impatient(ctx, cluster)
	}
	b, err := block(ctx, inRows(), fault.CrashAfter, operator)
	if err != nil {
		return err
	}
	for _, e := range b.Ledger.Effects {
		t.Say("ledger    %s: %s %s %d", e.Order, e.Kind, e.Account, e.Amount)
	}
	for _, o := range b.Open {
		t.Say("open      GET http://order/open: %s waits for %s", o.ID, o.Waiting)
	}
	for _, p := range b.Parked {
		t.Say("parked    GET http://order/parked: %s: %s refuses /commit", p.ID, p.Waiting)
	}
	ledger, orders := lab.Ledger{Effects: b.Ledger.Effects}, []lab.Order{shop.Tea()}
	for _, f := range lab.Judge(lab.Ledger{}, ledger, orders, shop.Effects, nil) {
		t.Say("BROKEN    %s: %s", f.Invariant, f)
	}
	return nil
}

// impatient is the operator who aborts stock's branch, so that tea can be sold
// again. It takes no more than the coordinator's own message, sent by hand.
func impatient(ctx context.Context, cluster *real.Cluster) error {
	client := cluster.Client()
	accounts, err := httpapi.Get[[]participant.Account](ctx, client, "http://stock/items")
	for _, a := range accounts {
		if a.Lock != "" {
			_, err = httpapi.Post[struct{}](ctx, client, "http://stock/abort", a.Lock, struct{}{})
		}
	}
	return err
}
