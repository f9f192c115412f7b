package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"example.com/dtx/ch04-saga/saga"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/places"
	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/shop"
)

// trouble is an order that does not end, and the question that shows it.
type trouble struct {
	About    string
	Variant  lab.Variant
	Fault    fault.Fault
	URL      string // address of the list that has the order
	Operator func(context.Context, *real.Cluster) error
}

// troubles returns one order for each list that an operator watches.
func troubles() []trouble {
	return []trouble{
		{"delivery dies", orchestrated(),
			fault.Fault{Kind: fault.Crash, Point: "delivery: POST /book order-1 #1"},
			"http://order/open", idle},
		{"an operator voids the payment while a place is being booked", orchestrated(),
			fault.Fault{Kind: fault.Lost, Point: "order → delivery: POST /book order-1 #1"},
			"http://order/parked", voidByHand},
		{"delivery dies", choreographed(),
			fault.Fault{Kind: fault.Crash, Point: "delivery: POST /authorized order-1 #1"},
			"http://payment/outbox", idle},
	}
}

// stuck shows what an operator asks when orders do not end, all at the same time.
func stuck(ctx context.Context, t *lab.Teller) error {
	all := troubles()
	lists, errs := make([]string, len(all)), make([]error, len(all))
	var wg sync.WaitGroup
	for i, trouble := range all {
		wg.Go(func() { lists[i], errs[i] = trouble.find(ctx) })
	}
	wg.Wait()
	for i, trouble := range all {
		t.Say("%s: %s", trouble.Variant.Name, trouble.About)
		t.Say("GET %s\n%s\n", trouble.URL, lists[i])
	}
	return errors.Join(errs...)
}

// find places the order and returns the list when the order is on it.
func (t trouble) find(ctx context.Context) (list string, err error) {
	plan := []fault.Fault{t.Fault}
	cluster, err := real.Start(ctx, t.Variant, real.Options{Plan: plan, StayDown: true})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, cluster.Close()) }()
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	var wg sync.WaitGroup
	defer wg.Wait()
	placing, hangUp := context.WithCancel(ctx)
	defer hangUp()
	wg.Go(func() { cluster.Place(placing, shop.Tea(), 1) })
	if err := t.Operator(ctx, cluster); err != nil {
		return "", err
	}
	return await(ctx, cluster, t.URL, shop.Tea().Key)
}

// idle is an operator that does nothing.
func idle(context.Context, *real.Cluster) error { return nil }

// voidByHand sends the orchestrator's own message when the saga is at its pivot.
func voidByHand(ctx context.Context, c *real.Cluster) error {
	if _, err := await(ctx, c, "http://order/orders/"+shop.Tea().Key, "book a place"); err != nil {
		return err
	}
	_, err := httpapi.Post[saga.Body](ctx, c.Client(), "http://payment/void", shop.Tea().Key,
		saga.Body{Name: shop.Tea().Customer, Amount: 1000})
	return err
}

// await asks a service until its answer holds a text.
func await(ctx context.Context, c *real.Cluster, url, text string) (string, error) {
	for {
		answer, err := ask(ctx, c, url)
		if err == nil && strings.Contains(answer, text) {
			return answer, nil
		}
		if paused := places.Pause(ctx, url, 1); paused != nil {
			return "", fmt.Errorf("wait for %s of %s: %w", text, url, errors.Join(err, paused))
		}
	}
}

// ask asks a service as curl does.
func ask(ctx context.Context, c *real.Cluster, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	response, err := c.Client().Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, httpapi.MaxBody))
	return strings.TrimSpace(string(text)), err
}
