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
// What they need is in account.go. The tests let two withdrawals take turns,
// statement by statement, in every order that there is. Then they make each
// statement of a transaction fail, in every way that they know.
package exercise

import (
	"database/sql"
	"errors"
	"strings"
)

// Schema makes the database.
const Schema = `CREATE TABLE accounts
	(name TEXT PRIMARY KEY, cents INTEGER NOT NULL, version INTEGER NOT NULL) STRICT`

// Change says what an account should have instead of its cents. Its error means no.
type Change func(cents int64) (int64, error)

// ErrTooLittle is returned when an account does not have what is to be taken.
var ErrTooLittle = errors.New("too little in the account")

// ErrUnknown is returned when a commit failed: it may have been done, or not.
var ErrUnknown = errors.New("commit failed, outcome unknown")

// ErrStale is returned by what Versioned retries: the account was written since it
// was read.
var ErrStale = errors.New("written since it was read")

// maxTries bounds how often a withdrawal is tried.
const maxTries = 20

// Retry calls try until it needs not be tried again: as long as its error is
// ErrStale, or comes from the database, which says so when another transaction
// was in the way. What was read before is of no use then.
func Retry(try func() error) (err error) {
	for range maxTries {
		err = try()
		locked := err != nil && strings.Contains(err.Error(), "database is locked")
		if !locked && !errors.Is(err, ErrStale) {
			return err
		}
	}
	return err
}

// Changed tells whether a statement has changed a row: wrap it around Exec.
func Changed(done sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n > 0, err
}
