// Package exercise is chapter 5's: two-phase commit, written by you.
//
// Three participants, stock, payment and delivery, have accounts, and a
// coordinator, order, wants something out of each: all of it, or nothing. The
// messages and the databases are there, in the folder shop. What is written down
// in them, and what is done when nobody knows the decision, is not. You write it,
// in two files, from top to bottom:
//
//	participant.go   what a participant promises, keeps and forgets, and what it does in doubt
//	recover.go       what the coordinator does with its decisions, also with those of a process that died
//
// For the first three steps the coordinator is the chapter's own. The last two
// try every single fault, and then faults in pairs.
package exercise

import (
	"context"

	"example.com/dtx/ch05-2pc/exercise/shop"
	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/internal/stub"
)

// Prepare is a participant's vote: shop.Yes, shop.No if too little is left, or
// shop.NotNow if another transaction has the account locked. It runs in one
// transaction of the database, which is forced to the disk before the vote goes
// out. Nothing is taken yet. But whoever says yes must be able to commit and to
// abort, whatever happens, until it is told which: so the account is locked, and
// what was promised is written down.
//
// The message may come again, and it may come after everything else. No error is
// yours to return: if the database fails, nothing of all this is done, and whoever
// has sent the message has no answer.
//
// You need p.Record, p.Locked, p.Left, p.Lock and p.Write. About 10 lines.
func Prepare(p *shop.Page, want participant.Wanted) (shop.Vote, error) {
	return "", stub.NotWritten()
}

// Commit keeps the promise: it takes what was promised, once, and unlocks. What
// was never promised, or is aborted, cannot be kept: return shop.ErrNotPrepared.
//
// You need p.Record, p.Subtract, p.Unlock and p.Write. About 10 lines.
func Commit(p *shop.Page) error {
	return stub.NotWritten()
}

// Abort takes the promise back. It may come before the prepare that it aborts:
// that one is only late, and must not lock anything any more.
//
// You need p.Unlock and p.Write. About 3 lines.
func Abort(p *shop.Page) error {
	return stub.NotWritten()
}

// Ask is called every second for each transaction that is prepared and of
// which nothing has been heard. The coordinator's answer to p.Inquire is
// twopc.Committed, twopc.Aborted or twopc.Pending, or there is none. An error that
// you return is logged, and a second later Ask is called again.
//
// You need p.Inquire, p.Commit and p.Abort. About 10 lines.
func Ask(ctx context.Context, p *shop.Participant, id string) error {
	return stub.NotWritten()
}
