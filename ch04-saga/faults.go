package main

import (
	"context"

	"example.com/dtx/lab"
	"example.com/dtx/lab/source"
)

// faults tries every fault on both forms of a saga.
func faults(ctx context.Context, t *lab.Teller) error {
	return source.TellScores(ctx, t, chapter(), chapter().Variants...)
}
