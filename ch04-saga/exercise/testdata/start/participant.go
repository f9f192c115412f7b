// Package exercise is chapter 4's: a saga, written by you.
//
// The shop is the chapter's own, but its business differs. The services offer this:
//
//	stock      reserve takes units, release gives them back; ship sends what is reserved
//	delivery   book takes a place in a van, cancel gives it back
//	payment    charge takes the money; this bank cannot refund
//
// The packages order, saga and participant are those of the chapter. What makes the
// shop survive a crash, a lost answer or a late call is missing. You write it, in three
// files, from top to bottom:
//
//	participant.go   what a participant does when a call comes again, or too late
//	plan.go          which steps an order has, and in which order
//	recover.go       what the orchestrator does with a saga that a crash has left open
//
// The tests kill processes, lose answers and hold calls back. The last test tries every
// single fault.
package exercise

import (
	"example.com/dtx/ch04-saga/exercise/shop"
	"example.com/dtx/ch04-saga/participant"
	"example.com/dtx/course/stub"
)

// Take carries out a step of a saga at one participant: it takes what is wanted out of
// its account, and returns participant.Done, or participant.Refused if there is not
// enough. It runs in one transaction, which is committed when it returns.
//
// The same call may come again, because its answer was lost, or because the network
// repeats it. Take must not take twice, and returns the first answer again.
//
// If the database fails, nothing is done and the caller has no answer: no error is yours
// to return.
//
// You need b.State, b.Subtract and b.Write. About 8 lines.
func Take(b *shop.Book, wanted participant.Account) (state string, err error) {
	return "", stub.NotWritten()
}

// GiveBack compensates the step. It cannot be refused, and it may come again, too.
//
// It may come before the call that it compensates. That call is only late, and must do
// nothing when it comes: Take returns participant.Compensated to it. The orchestrator
// does not know what was done. It also compensates a step that was refused, and one that
// it has never called.
//
// You need b.State, b.Add and b.Write. About 5 lines.
func GiveBack(b *shop.Book, wanted participant.Account) error {
	return stub.NotWritten()
}
