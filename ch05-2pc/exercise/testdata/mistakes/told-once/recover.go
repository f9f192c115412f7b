package exercise

import (
	"context"

	"example.com/dtx/ch05-2pc/exercise/shop"
	"example.com/dtx/ch05-2pc/twopc"
)

// Finish carries out a decision to commit: it tells it to each of d.Waiting until
// that one has acknowledged it, and notes the end. It is called when a decision
// has just been forced to the disk.
//
// You need c.Tell, c.Pause and c.End. An error of c.Tell means that there was no
// acknowledgement; one of c.Pause, that the process is about to end. About 10 lines.
func Finish(ctx context.Context, c *shop.Coordinator, d shop.Decision) error {
	for _, participant := range d.Waiting {
		if err := c.Tell(ctx, participant, d); err != nil {
			break
		}
	}
	return c.End(ctx, d)
}

// Recover is called once, when the coordinator starts. It gets the decisions whose
// end is not noted. Of a transaction that was only voted on when the process died
// there is no record at all.
//
// About 6 lines.
func Recover(ctx context.Context, c *shop.Coordinator, left []shop.Decision) error {
	for _, d := range left {
		if err := Finish(ctx, c, d); err != nil {
			return err
		}
	}
	return nil
}

// Answer is what a participant in doubt hears of a transaction: twopc.Committed,
// twopc.Aborted or twopc.Pending, which means: wait. Known is what there is to
// know of it: that this process is still at the vote (shop.Voting), that there is
// a decision on the disk (shop.Decided), or nothing (shop.Nothing), be it because
// somebody said no, or because a process died before it decided.
//
// About 6 lines.
func Answer(known shop.Knowledge) (twopc.State, error) {
	switch known {
	case shop.Voting:
		return twopc.Pending, nil
	case shop.Decided:
		return twopc.Committed, nil
	}
	return twopc.Aborted, nil // be it that it was refused, or that nobody lived to decide it
}
