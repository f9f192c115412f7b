package main

import (
	"context"
	"errors"
	"os"

	"example.com/dtx/ch03-transactions/attach"
	"example.com/dtx/lab"
)

// kills kills a transaction over two attached files at each of its system
// calls, with a rollback journal and with a write-ahead log.
func kills(ctx context.Context, dir string) (all attach.Results, err error) {
	for _, journal := range []attach.Journal{attach.Rollback, attach.WAL} {
		r, err := attach.Try(ctx, dir, journal)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// edge shows the last trick with which one transaction spans two files.
func edge(ctx context.Context, t *lab.Teller) (err error) {
	dir, err := os.MkdirTemp("", "dtx")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	t.Say("Killing one order at each of its system calls …")
	all, err := kills(ctx, dir)
	if errors.Is(err, attach.ErrNoStrace) {
		t.Say("Left out: %v.", err)
		return nil
	}
	if err != nil {
		return err
	}
	t.Table(all.Rows())
	return nil
}
