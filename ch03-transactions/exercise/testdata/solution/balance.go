package exercise

import (
	"context"
	"database/sql"
)

// Atomic takes cents out of an account, or returns ErrTooLittle. It is a single
// statement, which reads and writes and decides, all in one.
func Atomic(ctx context.Context, db *sql.DB, name string, cents int64) error {
	taken, err := Changed(db.ExecContext(ctx,
		"UPDATE accounts SET cents = cents - ? WHERE name = ? AND cents >= ?", cents, name, cents))
	if err == nil && !taken {
		return ErrTooLittle
	}
	return err
}

// Versioned reads an account, asks change what the account should have instead,
// and writes that, but only if it was not written since.
func Versioned(ctx context.Context, db *sql.DB, name string, change Change) error {
	return Retry(func() error {
		var cents, version int64
		row := db.QueryRowContext(ctx, "SELECT cents, version FROM accounts WHERE name = ?", name)
		if err := row.Scan(&cents, &version); err != nil {
			return err
		}
		cents, err := change(cents)
		if err != nil {
			return err
		}
		written, err := Changed(db.ExecContext(ctx,
			"UPDATE accounts SET cents = ?, version = version + 1 WHERE name = ? AND version = ?",
			cents, name, version))
		if err == nil && !written {
			return ErrStale
		}
		return err
	})
}

// Isolated does the same in a transaction, and leaves the watching to the
// database.
func Isolated(ctx context.Context, db *sql.DB, name string, change Change) error {
	return Retry(func() error {
		tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})
		if err != nil {
			return err
		}
		defer tx.Rollback() // does nothing after Commit
		var cents int64
		row := tx.QueryRowContext(ctx, "SELECT cents FROM accounts WHERE name = ?", name)
		if err := row.Scan(&cents); err != nil {
			return err
		}
		if cents, err = change(cents); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE accounts SET cents = ? WHERE name = ?", cents, name)
		if err != nil {
			return err
		}
		return tx.Commit()
	})
}
