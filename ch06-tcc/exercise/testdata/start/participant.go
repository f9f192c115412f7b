// Package exercise is chapter 6's: TCC, written by you.
//
// The shop is the chapter's own, but its participants keep no barrier. Here, a
// participant has one row for each transaction, and the row has a state: shop.Reserved,
// shop.Confirmed or shop.Cancelled. Is that enough to stop the three accidents?
//
// The orders, the messages and the initiator are those of the chapter. What a participant
// does with each message, and what an initiator does when it starts again, is missing.
// You write it, in two files, from top to bottom:
//
//	participant.go   what try, confirm and cancel move, and what they write down
//	recover.go       what a new process does with the transactions of a dead one
//
// For the first three steps the initiator is the chapter's own; for the fourth the
// participants are. The last step tries every single fault on all that you have written.
package exercise

import (
	"example.com/dtx/ch06-tcc/exercise/shop"
	"example.com/dtx/course/stub"
)

// Try reserves: it moves an amount of an account from available to reserved. It runs in
// one transaction of the database, which is forced to the disk before the answer goes
// out. If you return an error, that transaction is rolled back.
//
// Nil means that the amount is reserved. If less is available, return
// shop.ErrTooLittle: the order is refused. The same try may come again, because its
// answer was lost, or because the network repeats it. What may have come in between?
//
// For the third step: a try that comes after its cancel must reserve nothing; return
// httpapi.Cancelled.
//
// You need b.State, b.Available, b.Wanted.Amount, b.Move and b.Write. About 12 lines.
func Try(b *shop.Book) error {
	return stub.NotWritten()
}

// Confirm takes what is reserved out of its account, once. The initiator confirms only
// what all participants have reserved. If nothing is reserved here, a promise is broken,
// and an operator has to know: return httpapi.NotFound.
//
// You need b.State, b.Wanted.Amount, b.Move and b.Write. About 10 lines.
func Confirm(b *shop.Book) error {
	return stub.NotWritten()
}

// Cancel makes what is reserved available again, once. After a confirm it is too late:
// return httpapi.NotFound.
//
// For the third step: the initiator does not know which tries have come. It cancels at
// all participants, also at one that has refused, and at one that its try has not reached
// yet. What do you answer, and what must the try find if it comes afterwards?
//
// You need b.State, b.Wanted.Amount, b.Move and b.Write. About 8 lines.
func Cancel(b *shop.Book) error {
	return stub.NotWritten()
}
