package exercise

import (
	"context"
	"database/sql"
	"errors"
)

// Atomic takes cents out of an account, or returns ErrTooLittle. It is a single
// statement, which reads and writes and decides, all in one.
func Atomic(ctx context.Context, db *sql.DB, name string, cents int64) error {
	done, err := db.ExecContext(ctx, "UPDATE accounts SET cents = cents - ? WHERE name = ? AND cents >= ?", cents, name, cents)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); n == 1 || err != nil {
		return err
	}
	return ErrTooLittle
}

// errChanged says that somebody else was there first.
var errChanged = errors.New("changed since it was read")

// Versioned reads an account, asks change what the account should have instead,
// and writes that, but only if nobody has written since.
func Versioned(ctx context.Context, db *sql.DB, name string, change func(cents int64) (int64, error)) error {
	err := errChanged
	for try := 0; errors.Is(err, errChanged) && try < maxTries; try++ {
		err = writeOnce(ctx, db, name, change)
	}
	return err
}

func writeOnce(ctx context.Context, db *sql.DB, name string, change func(cents int64) (int64, error)) error {
	var cents, version int64
	if err := db.QueryRowContext(ctx, "SELECT cents, version FROM accounts WHERE name = ?", name).Scan(&cents, &version); err != nil {
		return err
	}
	cents, err := change(cents)
	if err != nil {
		return err
	}
	done, err := db.ExecContext(ctx, "UPDATE accounts SET cents = ?, version = version + 1 WHERE name = ? AND version = ?", cents, name, version)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); n == 1 || err != nil {
		return err
	}
	if err := db.QueryRowContext(ctx, "SELECT version FROM accounts WHERE name = ?", name).Scan(&version); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "UPDATE accounts SET cents = ?, version = version + 1 WHERE name = ? AND version = ?", cents, name, version)
	return err
}

// Isolated does the same in a transaction, and leaves the watching to the
// database.
func Isolated(ctx context.Context, db *sql.DB, name string, change func(cents int64) (int64, error)) error {
	err := inSnapshot(ctx, db, name, change)
	for try := 1; inTheWay(err) && try < maxTries; try++ {
		err = inSnapshot(ctx, db, name, change)
	}
	return err
}

func inSnapshot(ctx context.Context, db *sql.DB, name string, change func(cents int64) (int64, error)) error {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	var cents int64
	if err := tx.QueryRowContext(ctx, "SELECT cents FROM accounts WHERE name = ?", name).Scan(&cents); err != nil {
		return err
	}
	if cents, err = change(cents); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE accounts SET cents = ? WHERE name = ?", cents, name); err != nil {
		return err
	}
	return tx.Commit()
}
