package main

import (
	"context"

	"example.com/dtx/lab"
	"example.com/dtx/lab/source"
)

// scalability counts what one, two and four copies of recommend serve in one
// simulated second. TestEachCopyOfRecommendServesAsManyAgain is the experiment.
func scalability(ctx context.Context, t *lab.Teller) error {
	return source.Test(ctx, t, chapter(), "^TestEachCopyOfRecommendServesAsManyAgain$")
}
