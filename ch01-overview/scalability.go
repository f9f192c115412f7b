package main

import (
	"context"

	"example.com/dtx/lab"
)

// scalability counts what one, two and four copies of recommend serve in one
// simulated second. TestEachCopyOfRecommendServesAsManyAgain is the experiment.
func scalability(ctx context.Context, t *lab.Teller) error {
	return chapter().Test(ctx, t, "^TestEachCopyOfRecommendServesAsManyAgain$")
}
