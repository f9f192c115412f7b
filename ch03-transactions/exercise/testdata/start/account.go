// Package exercise is chapter 3's: three ways to end a lost update, and the one
// function through which every transaction should go.
//
// ada and her bank take money out of her account at the same time. Each does this:
//
//	db.QueryRow("SELECT cents FROM accounts WHERE name = 'ada'").Scan(&cents)
//	…
//	db.Exec("UPDATE accounts SET cents = ? WHERE name = 'ada'", cents-100)
//
// Both read 1000, both write 900, and 200 were paid out. You end that three
// times over, each time with less from the statement and more from the
// transaction, and then write the function that begins and ends a transaction:
//
//	balance.go    Atomic, Versioned, Isolated
//	intx.go       InTx
//
// The tests let two withdrawals take turns, statement by statement, in every
// order that there is. Then they make each statement of a transaction fail, in
// every way that they know.
package exercise

import (
	"errors"
	"strings"
)

// Schema makes the database.
const Schema = `CREATE TABLE accounts (name TEXT PRIMARY KEY, cents INTEGER NOT NULL, version INTEGER NOT NULL) STRICT`

// ErrTooLittle is returned when an account does not have what is to be taken.
var ErrTooLittle = errors.New("too little in the account")

// ErrUnknown is returned when a commit failed: it may have been done, or not.
var ErrUnknown = errors.New("commit failed, outcome unknown")

// maxTries bounds how often a withdrawal is tried.
const maxTries = 20

// inTheWay tells whether an error says that another transaction was in the way:
// it has changed what this one has read, or writes at this moment. What this one
// has read is of no use any more.
func inTheWay(err error) bool {
	return err != nil && strings.Contains(err.Error(), "database is locked")
}
