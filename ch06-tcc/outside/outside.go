// Package outside shows what a barrier is worth whose row is not written in the
// transaction of its effect: two participants that are wrong, and the right one. None of
// them is part of the shop.
//
// The one whose row goes around the effect is a known problem of Apache Seata's fence,
// wherever a try does what the local transaction cannot roll back:
// https://github.com/apache/incubator-seata/issues/5256
package outside

import (
	"context"
	"errors"

	"example.com/dtx/internal/sqlite"
)

// Schema makes either of the two databases. The account has 10 units.
const Schema = `
CREATE TABLE barrier (id TEXT NOT NULL, operation TEXT NOT NULL,
	PRIMARY KEY (id, operation)) STRICT;
CREATE TABLE account (available INTEGER NOT NULL, reserved INTEGER NOT NULL) STRICT;
INSERT INTO account VALUES (10, 0);`

// Place says where the barrier's row of a try is written, and when.
type Place string

// The three places. Only the first one is right.
const (
	Inside Place = "in the transaction of the effect"
	Before Place = "in another database, before the effect"
	Around Place = "in another database, in a transaction around the effect"
)

// Participant reserves 2 units with a try, and gives them back with a cancel.
type Participant struct {
	Place            Place
	Barrier, Account *sqlite.DB // Inside uses Account for both
}

// ErrFailed is returned by a try that was told to fail.
var ErrFailed = errors.New("the try fails half-way")

// Try reserves 2 units, once for each id. One that is to fail does so half-way, with
// ErrFailed.
func (p Participant) Try(ctx context.Context, id string, isToFail bool) error {
	var half error
	if isToFail {
		half = ErrFailed
	}
	switch p.Place {
	case Before:
		isFirst := false
		err := p.Barrier.Update(ctx, func(tx *sqlite.Tx) (err error) {
			isFirst, err = pass(tx, id, "try")
			return err
		})
		if err := errors.Join(err, half); err != nil || !isFirst {
			return err
		}
		return p.Account.Update(ctx, move(2))
	case Around:
		return p.Barrier.Update(ctx, func(tx *sqlite.Tx) error {
			isFirst, err := pass(tx, id, "try")
			if err == nil && isFirst {
				err = p.Account.Update(ctx, move(2))
			}
			return errors.Join(err, half)
		})
	}
	return p.Account.Update(ctx, func(tx *sqlite.Tx) error {
		isFirst, err := pass(tx, id, "try")
		if err == nil && isFirst {
			err = move(2)(tx)
		}
		return errors.Join(err, half)
	})
}

// Cancel gives back what the try of the id has reserved, if the barrier knows the try.
func (p Participant) Cancel(ctx context.Context, id string) error {
	if p.Place == Inside {
		return p.Account.Update(ctx, func(tx *sqlite.Tx) error {
			isDue, err := passCancel(tx, id)
			if err == nil && isDue {
				err = move(-2)(tx)
			}
			return err
		})
	}
	isDue := false
	err := p.Barrier.Update(ctx, func(tx *sqlite.Tx) (err error) {
		isDue, err = passCancel(tx, id)
		return err
	})
	if err != nil || !isDue {
		return err
	}
	return p.Account.Update(ctx, move(-2))
}

// Reserved returns how many units are reserved.
func (p Participant) Reserved(ctx context.Context) (units int, err error) {
	err = p.Account.View(ctx, func(tx *sqlite.Tx) error {
		return tx.QueryRow("SELECT reserved FROM account").Scan(&units)
	})
	return units, err
}

// move returns a transaction that reserves units, or gives them back if they are negative.
func move(units int) func(*sqlite.Tx) error {
	return func(tx *sqlite.Tx) error {
		_, err := tx.Exec(`UPDATE account SET available = available - ?,
			reserved = reserved + ?`, units, units)
		return err
	}
}

// passCancel returns whether a cancel has something to give back: its try has come, and
// it is the first.
func passCancel(tx *sqlite.Tx, id string) (isDue bool, err error) {
	isEmpty, err := pass(tx, id, "try")
	if err != nil {
		return false, err
	}
	isFirst, err := pass(tx, id, "cancel")
	return isFirst && !isEmpty, err
}

// pass writes down that an operation has come. It returns false if it has come before.
func pass(tx *sqlite.Tx, id, operation string) (isFirst bool, err error) {
	done, err := tx.Exec("INSERT OR IGNORE INTO barrier VALUES (?, ?)", id, operation)
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n == 1, err
}
