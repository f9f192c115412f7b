// Package exercise is chapter 4's: a saga, written by you.
//
// Three services take part in an order: stock reserves units, delivery books a
// place in a van, payment charges the customer. A fourth, the conductor, takes
// the orders and calls the others. All of that is there, in the folder shop; what
// makes it survive a crash, a lost answer or a late call is not. You write it, in
// three files, from top to bottom:
//
//	participant.go   what a participant does when a call comes again, or too late
//	plan.go          which steps an order has, and in which order
//	recover.go       what the conductor does with a saga that a crash has left
//
// The tests kill processes, lose answers and hold calls back. The last of them
// tries every single fault.
package exercise

import (
	"example.com/dtx/ch04-saga/exercise/shop"
)

// Take carries out the step of a saga at one participant: it takes what is
// wanted out of its account, and returns shop.Done, or shop.Refused if there is
// not enough. It runs in one transaction, which is committed when it returns.
//
// The same call may come again, because its answer was lost, or because the
// network repeats it. It must not take twice, and gets the first answer again.
//
// You need b.State, b.Subtract and b.Write. About 10 lines.
func Take(b *shop.Book, want shop.Amount) (shop.State, error) {
	state, err := b.State()
	if err != nil || state != "" {
		return state, err
	}
	enough, err := b.Subtract(want)
	if err != nil {
		return "", err
	}
	state = shop.Refused
	if enough {
		state = shop.Done
	}
	return state, b.Write(state)
}

// GiveBack undoes the step. It cannot be refused, it may come again, too, and it
// may come before the call that it undoes: that one is only late, and must then
// do nothing. (Take returns shop.Undone to it.) The conductor also asks it of who
// has refused the step, and of who was never called: it does not know.
//
// You need b.State, b.Add and b.Write. About 8 lines.
func GiveBack(b *shop.Book, want shop.Amount) error {
	state, err := b.State()
	if err != nil {
		return err
	}
	if state == shop.Done {
		if err := b.Add(want); err != nil {
			return err
		}
	}
	return b.Write(shop.Undone)
}
