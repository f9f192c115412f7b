// Package intx is the transaction as every Go program needs it: on
// database/sql, with any driver.
package intx

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// InTx runs fn in a transaction. If fn returns an error or panics, nothing of
// it is done. Each error says what became of the transaction: fn's own comes
// back as it is; ErrUnknown means that the commit failed.
func InTx(ctx context.Context, db *sql.DB, fn func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin, nothing done: %w", err)
	}
	defer tx.Rollback() // does nothing after Commit; else it gives the connection back
	if err := fn(tx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("given up before the commit, nothing done: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	return nil
}

// ErrUnknown is returned when a commit failed: it may have been done, or not. A
// database may know better, such as PostgreSQL, whose 40001 at COMMIT is a no;
// a program that knows the database can look for that.
var ErrUnknown = errors.New("commit failed, outcome unknown")
