package exercise

import (
	"context"

	"example.com/dtx/ch05-2pc/exercise/shop"
	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/course/stub"
)

// Finish carries out a decision to commit: it tells each participant in d.Waiting until
// that one has acknowledged, and then notes the end. It is called when a decision has
// just been forced to the disk.
//
// You need c.Tell, c.Pause and c.End. An error of c.Tell means that there was no
// acknowledgement; an error of c.Pause means that the process is about to end. About 10
// lines.
func Finish(ctx context.Context, c *shop.Coordinator, d shop.Decision) error {
	return stub.NotWritten()
}

// Recover is called when the coordinator starts, and every 5 s from then on. It gets the
// decisions whose end is not noted and on which Finish does not work. Of a transaction
// that was only voted on when the process died there is no record.
//
// About 6 lines.
func Recover(ctx context.Context, c *shop.Coordinator, left []shop.Decision) error {
	return stub.NotWritten()
}

// Answer is what the coordinator tells a participant in doubt: twopc.Committed,
// twopc.Aborted or twopc.Pending, which means: wait. Known is what the coordinator knows
// of the transaction. shop.Voting: this process still counts its votes. shop.Decided:
// the decision is on the disk. shop.Nothing: neither; a participant has voted no, or a
// process died before it decided.
//
// About 6 lines.
func Answer(known shop.Knowledge) (twopc.State, error) {
	return "", stub.NotWritten()
}
