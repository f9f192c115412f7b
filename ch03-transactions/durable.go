package main

import (
	"context"
	"errors"
	"os"
	"time"

	"example.com/dtx/ch03-transactions/durability"
	"example.com/dtx/lab"
)

// losses kills the process, and cuts the power, at each level of synchronous.
func losses(ctx context.Context, dir string) (all durability.Losses, err error) {
	type death func(context.Context, string, durability.Level) (durability.Loss, error)
	for _, die := range []death{durability.Kill, durability.PowerCut} {
		for _, level := range durability.Levels() {
			loss, err := die(ctx, dir, level)
			if err != nil {
				return nil, err
			}
			all = append(all, loss)
		}
	}
	return all, nil
}

// durable shows what an answer is worth after a kill and after a power cut, and
// what that costs.
func durable(ctx context.Context, t *lab.Teller) (err error) {
	dir, err := os.MkdirTemp("", "dtx")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	lost, err := losses(ctx, dir)
	if err != nil {
		return err
	}
	t.Table(lost.Rows())
	prices, err := durability.Cost(ctx, dir, 500*time.Millisecond)
	if err != nil {
		return err
	}
	t.Table(prices.Rows())
	return nil
}
