package exercise

import (
	"context"
	"database/sql"
)

// Atomic takes cents out of an account, or returns ErrTooLittle. It is a single
// statement, which reads and writes and decides, all in one.
func Atomic(ctx context.Context, db *sql.DB, name string, cents int64) error {
	const update = "UPDATE accounts SET cents = cents - ? WHERE name = ? AND cents >= ?"
	taken, err := Changed(db.ExecContext(ctx, update, cents, name, cents))
	if err == nil && !taken {
		return ErrTooLittle
	}
	return err
}

// Versioned reads an account, asks change what the account should have instead,
// and writes that, but only if it was not written since.
func Versioned(ctx context.Context, db *sql.DB, name string, change Change) error {
	const (
		read  = "SELECT cents, version FROM accounts WHERE name = ?"
		write = "UPDATE accounts SET cents = ?, version = version + 1 " +
			"WHERE name = ? AND version = ?"
	)
	return Retry(func() error {
		var cents, version int64
		err := db.QueryRowContext(ctx, read, name).Scan(&cents, &version)
		if err != nil {
			return err
		}
		cents, err = change(cents)
		if err != nil {
			return err
		}
		written, err := Changed(db.ExecContext(ctx, write, cents, name, version))
		if err == nil && !written {
			return ErrStale
		}
		return err
	})
}

// Isolated does the same in a transaction, and leaves the watching to the
// database.
func Isolated(ctx context.Context, db *sql.DB, name string, change Change) error {
	const (
		read  = "SELECT cents FROM accounts WHERE name = ?"
		write = "UPDATE accounts SET cents = ? WHERE name = ?"
	)
	return Retry(func() error {
		tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})
		if err != nil {
			return err
		}
		defer tx.Rollback() // does nothing after Commit
		var cents int64
		if err := tx.QueryRowContext(ctx, read, name).Scan(&cents); err != nil {
			return err
		}
		if cents, err = change(cents); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, write, cents, name); err != nil {
			return err
		}
		return tx.Commit()
	})
}
