package main

import (
	"context"
	"errors"
	"os"

	"example.com/dtx/ch04-saga/isolation"
	"example.com/dtx/lab"
)

// isolationExperiment shows what others may see of a saga that is half done, and what can be
// done about it.
func isolationExperiment(ctx context.Context, t *lab.Teller) (err error) {
	dir, err := os.MkdirTemp("", "dtx")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	t.Table(isolation.Questions())
	results, err := isolation.Measure(ctx, dir)
	if err != nil {
		return err
	}
	t.Table(isolation.Table(results))
	return nil
}
