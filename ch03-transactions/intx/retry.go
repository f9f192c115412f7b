package intx

import (
	"context"
	"database/sql"
	"errors"
)

// maxTries bounds Retry.
const maxTries = 10

// Retry is InTx for a database that may be busy, or may end a transaction for
// the sake of another one. It runs fn again while again says so, which knows the
// database's errors and waits as long as it finds right; never when the outcome
// is unknown. As fn may run several times, it must do nothing but work on its
// transaction.
func Retry(
	ctx context.Context, db *sql.DB, again func(err error, try int) bool,
	fn func(*sql.Tx) error,
) error {
	for try := 1; ; try++ {
		err := InTx(ctx, db, fn)
		if err == nil || errors.Is(err, ErrUnknown) || try == maxTries || !again(err, try) {
			return err
		}
	}
}

// Place charges a customer, which a service far away does, and then writes the
// order down.
func Place(
	ctx context.Context, db *sql.DB, again func(err error, try int) bool,
	id string, charge func(context.Context) error,
) error {
	if err := charge(ctx); err != nil {
		return err
	}
	return Retry(ctx, db, again, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO orders (id, customer) VALUES (?, 'ada')", id)
		return err
	})
}
