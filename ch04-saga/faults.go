package main

import (
	"context"

	"example.com/dtx/lab"
)

// faults tries every fault on both forms of a saga.
func faults(ctx context.Context, t *lab.Teller) error {
	return chapter().TellScores(ctx, t, chapter().Variants...)
}
