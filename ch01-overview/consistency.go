package main

import (
	"context"

	"example.com/dtx/lab"
	"example.com/dtx/lab/source"
)

// consistency tries every fault on both architectures, and draws the shortest
// run of each kind of damage.
func consistency(ctx context.Context, t *lab.Teller) error {
	return source.TellScores(ctx, t, chapter(), chapter().Variants...)
}
