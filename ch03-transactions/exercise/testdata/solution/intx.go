package exercise

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// InTx runs fn in a transaction, and returns what fn returns once that is
// committed.
func InTx[T any](
	ctx context.Context, db *sql.DB, fn func(*sql.Tx) (T, error),
) (value T, err error) {
	var none T
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return none, fmt.Errorf("begin, nothing done: %w", err)
	}
	defer func() { // also if fn panics, or ends its goroutine; after Commit it does nothing
		if undo := tx.Rollback(); undo != nil && !errors.Is(undo, sql.ErrTxDone) {
			err = errors.Join(err, fmt.Errorf("rollback: %w", undo))
		}
	}()
	if value, err = fn(tx); err != nil {
		return none, err
	}
	if err := ctx.Err(); err != nil {
		return none, fmt.Errorf("given up before the commit, nothing done: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return none, fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	return value, nil
}
