package exercise

import (
	"context"

	"example.com/dtx/ch06-tcc/exercise/shop"
	"example.com/dtx/course/stub"
)

// Recover finishes a transaction that an earlier process of the initiator has left open.
// t.State is what the log says. tcc.Trying: there is no decision. Some participants may
// have reserved, one may have refused, and a try may still be under way. tcc.Confirming
// or tcc.Cancelling: that is the decision, and the customer may have heard it. Some
// participants may have, too.
//
// The log does not say which participants have acknowledged. When all of t.Participants
// have, the end is noted, and no process will come back to this transaction.
//
// This process may die in the middle, too. An error of n.Decide, n.Pause or n.End says
// that it ends: return the error, and the next process begins with what the log says.
//
// You need n.Decide, n.Call, n.Pause and n.End. About 20 lines.
func Recover(ctx context.Context, n *shop.Initiator, t shop.Transaction) error {
	return stub.NotWritten()
}
