package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"example.com/dtx/ch07-messages/replicated"
	"example.com/dtx/lab"
)

// leaderKilled kills the leader of three brokers that have each message three times.
func leaderKilled(ctx context.Context, t *lab.Teller) error {
	t.Say("Three brokers, and their leader is killed: half a minute …")
	rows, err := leaderRows(ctx)
	if err == nil {
		t.Table(rows)
	}
	return err
}

func leaderRows(ctx context.Context) (rows [][]string, err error) {
	dir, err := os.MkdirTemp("", "dtx")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	r, err := replicated.Measure(ctx, dir)
	return [][]string{
		{"acknowledged", "of them lost", "stored twice", "until the next acknowledgement"},
		{
			fmt.Sprint(r.Acknowledged), fmt.Sprint(r.Lost), fmt.Sprint(r.Again),
			r.Without.Round(time.Second / 10).String(),
		},
	}, err
}
