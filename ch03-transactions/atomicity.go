package main

import (
	"context"

	"example.com/dtx/lab"
)

// atomicity places the same order as three statements and as one transaction,
// under every fault.
func atomicity(ctx context.Context, t *lab.Teller) error {
	return chapter().TellScores(ctx, t, statements(), transaction())
}

// dualWrite writes an order to two databases, one after the other, under every
// fault. What tears it is the list that the next chapters make empty.
func dualWrite(ctx context.Context, t *lab.Teller) error {
	return chapter().TellScores(ctx, t, twoDatabases())
}
