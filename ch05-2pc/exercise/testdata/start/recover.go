package exercise

import (
	"context"

	"example.com/dtx/ch05-2pc/exercise/shop"
	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/stub"
)

// Finish carries out a decision to commit: it tells it to each of d.Waiting until
// that one has acknowledged it, and notes the end. It is called when a decision
// has just been forced to the disk.
//
// You need c.Tell, c.Pause and c.End. An error of c.Tell means that there was no
// acknowledgement; one of c.Pause, that the process is about to end. About 10 lines.
func Finish(ctx context.Context, c *shop.Coordinator, d shop.Decision) error {
	return stub.NotWritten()
}

// Recover is called once, when the coordinator starts. c.Unfinished returns the
// decisions whose end is not noted. Of a transaction that was only voted on when
// the process died there is no record at all.
//
// About 8 lines.
func Recover(ctx context.Context, c *shop.Coordinator) error {
	return stub.NotWritten()
}

// Answer is what a participant in doubt hears of a transaction: twopc.Committed,
// twopc.Aborted or twopc.Pending, which means: wait. c.Look says what there is to
// know: whether this process is still at the vote (shop.Voting), whether there is
// a decision on the disk (shop.Decided), or that it knows nothing (shop.Nothing),
// be it because it was refused, or because a process died before it decided.
//
// About 8 lines.
func Answer(ctx context.Context, c *shop.Coordinator, id string) (twopc.State, error) {
	return "", stub.NotWritten()
}
