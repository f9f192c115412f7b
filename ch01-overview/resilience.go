package main

import (
	"context"
	"errors"
	"io"
	"net/http"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/shop"
)

// survival is what customers were told before and after the process that works
// out recommendations had died.
type survival struct {
	Before, After lab.Answer
	Events        []event.Event
}

// survive kills the process of a service while it works out what a page shows,
// and leaves it dead.
func survive(ctx context.Context, v lab.Variant, service, page string) (s survival, err error) {
	crash := fault.Fault{Kind: fault.Crash, Point: service + ": GET " + page + " #1"}
	options := real.Options{Plan: []fault.Fault{crash}, StayDown: true, Keys: true}
	cluster, err := real.Start(ctx, v, options)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, cluster.Close()) }()
	s.Before = cluster.Place(ctx, shop.Tea(), 1)[0]
	if look(ctx, cluster.Client(), "http://"+service+page) == nil {
		return s, errors.New("the page came, and the process should have died")
	}
	second := shop.Tea()
	second.Key = "order-2"
	s.After = cluster.Place(ctx, second, 1)[0]
	err = cluster.Settle(ctx)
	s.Events = cluster.Events()
	return s, err
}

// look reads a page, as a customer's browser does.
func look(ctx context.Context, client *http.Client, url string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return errors.Join(err, resp.Body.Close())
}

// resilience shows who goes down with a crash: one service, or the whole shop.
func resilience(ctx context.Context, t *lab.Teller) error {
	rows := [][]string{{"this process dies", "while it answers", "order before", "order after"}}
	for _, v := range []struct {
		lab.Variant
		service, page string
	}{
		{inServices(), "recommend", "/recommendations/salt"},
		{inServices(), "stock", "/items"},
		{inOneProcess(), "shop", "/recommendations/salt"},
	} {
		s, err := survive(ctx, v.Variant, v.service, v.page)
		if err != nil {
			return err
		}
		if err := t.Draw(v.Columns(), s.Events); err != nil {
			return err
		}
		rows = append(rows, []string{
			v.Name + ": " + v.service, v.page, s.Before.String(), s.After.String(),
		})
	}
	t.Table(rows)
	return nil
}
