// Package exercise is chapter 5's: two-phase commit, written by you.
//
// The shop is the chapter's own, but its participants differ. In the chapter, a prepared
// branch locks the whole account, and every other order for tea waits for the decision.
// Here, a prepared branch holds only its amount: as long as there is enough for all,
// several branches are prepared on one account at the same time.
//
// The packages order and participant and the messages are those of the chapter. What is
// written down, and what is done when the decision is not known, is missing. You write
// it, in two files, from top to bottom:
//
//	participant.go   what a participant promises, keeps and forgets, and what it does in doubt
//	recover.go       what the coordinator does with its decisions, also after a crash
//
// For the first three steps the coordinator is the chapter's own. The last two steps try
// every single fault, and then faults in pairs.
package exercise

import (
	"context"

	"example.com/dtx/ch05-2pc/exercise/shop"
	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/course/stub"
)

// Prepare is a participant's vote. It runs in one transaction of the database, which is
// forced to the disk before the vote goes out. Nothing is taken yet. But a participant
// that votes yes must be able to commit and to abort, until it is told which: it writes
// down that the branch is prepared, and from then on the branch holds its amount.
//
// The votes are shop.Yes; shop.No, if too little is left, whatever is decided about the
// other branches; and shop.NotNow, if it depends on them, or if this branch was aborted.
// The coordinator takes shop.No for final, and after shop.NotNow it makes another
// attempt, with another ID.
//
// The message may come again, and it may come after everything else. If the database
// fails, nothing is done and the coordinator has no answer: no error is yours to return.
//
// You need b.State, b.Left, b.Held and b.Write. About 12 lines.
func Prepare(b *shop.Book, wanted participant.Wanted) (shop.Vote, error) {
	return "", stub.NotWritten()
}

// Commit keeps the promise: it takes what the branch holds, once. A branch that was never
// prepared, or is aborted, cannot be committed: return httpapi.NotFound.
//
// You need b.State, b.Wanted, b.Subtract and b.Write. About 10 lines.
func Commit(b *shop.Book) error {
	return stub.NotWritten()
}

// Abort ends the promise: the branch holds nothing any more. It may come before the
// prepare that it aborts. That message is only late, and must not hold anything.
//
// You need b.Write. About 2 lines.
func Abort(b *shop.Book) error {
	return stub.NotWritten()
}

// Ask is called twice a second for each branch that is in doubt. The coordinator's answer
// to p.Inquire is twopc.Committed, twopc.Aborted or twopc.Pending, or there is none. An
// error that you return is logged, and Ask is called again.
//
// You need p.Inquire, p.Commit and p.Abort. About 10 lines.
func Ask(ctx context.Context, p *shop.Participant, id string) error {
	return stub.NotWritten()
}
