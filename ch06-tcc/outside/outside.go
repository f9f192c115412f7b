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

// Try reserves 2 units, once for each id. One that is to fail does so after its first
// write, with ErrFailed.
func (p Participant) Try(ctx context.Context, id string, isToFail bool) error {
	var half error
	if isToFail {
		half = ErrFailed
	}
	if p.Place == Inside {
		return p.Account.Update(ctx, func(tx *sqlite.Tx) error {
			isFirst, err := pass(tx, id, "try")
			if err == nil && isFirst {
				err = move(tx, 2)
			}
			return errors.Join(err, half)
		})
	}
	isFirst := false
	err := p.Barrier.Update(ctx, func(tx *sqlite.Tx) (err error) {
		isFirst, err = pass(tx, id, "try")
		if err == nil && isFirst && p.Place == Around {
			err = errors.Join(p.apart(ctx, 2), half)
		}
		return err
	})
	if p.Place == Before {
		err = errors.Join(err, half)
	}
	if err != nil || p.Place == Around || !isFirst {
		return err
	}
	return p.apart(ctx, 2)
}

// Cancel gives back what the try of the id has reserved, if the barrier knows the try.
func (p Participant) Cancel(ctx context.Context, id string) error {
	if p.Place == Inside {
		p.Barrier = p.Account
	}
	isDue := false
	err := p.Barrier.Update(ctx, func(tx *sqlite.Tx) error {
		isEmpty, err := pass(tx, id, "try")
		if err != nil {
			return err
		}
		isFirst, err := pass(tx, id, "cancel")
		isDue = isFirst && !isEmpty
		if err == nil && isDue && p.Place == Inside {
			err = move(tx, -2)
		}
		return err
	})
	if err != nil || !isDue || p.Place == Inside {
		return err
	}
	return p.apart(ctx, -2)
}

// Reserved returns how many units are reserved.
func (p Participant) Reserved(ctx context.Context) (units int, err error) {
	err = p.Account.View(ctx, func(tx *sqlite.Tx) error {
		return tx.QueryRow("SELECT reserved FROM account").Scan(&units)
	})
	return units, err
}

// apart moves units in a transaction of its own.
func (p Participant) apart(ctx context.Context, units int) error {
	return p.Account.Update(ctx, func(tx *sqlite.Tx) error { return move(tx, units) })
}

func move(tx *sqlite.Tx, units int) error {
	_, err := tx.Exec("UPDATE account SET available = available - ?, reserved = reserved + ?",
		units, units)
	return err
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
