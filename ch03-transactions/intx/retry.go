package intx

import (
	"context"
	"database/sql"
	"errors"

	"github.com/mattn/go-sqlite3"
)

// maxTries bounds Retry.
const maxTries = 10

// Retry is InTx for a database that may be busy. It runs fn again, after a
// pause, when nothing of it was done; so fn must do nothing but work on its
// transaction.
func Retry(ctx context.Context, db *sql.DB, pause func(try int), fn func(*sql.Tx) error) error {
	for try := 1; ; try++ {
		err := InTx(ctx, db, fn)
		busy, ok := errors.AsType[sqlite3.Error](err)
		if !ok || busy.Code != sqlite3.ErrBusy || errors.Is(err, ErrUnknown) || try == maxTries {
			return err
		}
		pause(try)
	}
}

// Place charges a customer, which a service far away does, and then writes the
// order down.
func Place(ctx context.Context, db *sql.DB, pause func(try int), id string, charge func(context.Context) error) error {
	if err := charge(ctx); err != nil {
		return err
	}
	return Retry(ctx, db, pause, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO orders (id, customer) VALUES (?, 'ada')", id)
		return err
	})
}
