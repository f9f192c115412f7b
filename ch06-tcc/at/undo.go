package at

import (
	"cmp"
	"database/sql"
	"errors"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// execute runs a statement that changes one row, for a global transaction. Around the
// statement, and in its local transaction, it writes the row's images into the undo log
// and takes the global lock of the row. The error is httpapi.Locked if another global
// transaction has that lock: then the statement is rolled back, too.
func execute(tx *sqlite.Tx, id, query string, args ...any) error {
	r, err := parse(tx, query, args)
	if err != nil {
		return err
	}
	before, err := r.image(tx)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(query, args...); err != nil {
		return err
	}
	after, err := r.image(tx)
	if err != nil {
		return err
	}
	if err := refuseLocked(tx, r.table, r.pk); err != nil {
		return err
	}
	_, err = tx.Exec("INSERT INTO global_locks VALUES (?, ?, ?)", r.table, r.pk, id)
	if err != nil {
		return err
	}
	_, err = tx.Exec("INSERT INTO undo_log VALUES (?, ?, ?, ?, ?)",
		id, r.table, r.pk, before, after)
	return err
}

// refuseLocked returns httpapi.Locked if a global transaction has the lock of the row.
func refuseLocked(tx *sqlite.Tx, table, pk string) error {
	var id string
	err := tx.QueryRow(`SELECT coalesce((SELECT id FROM global_locks
		WHERE table_name = ? AND pk = ?), '')`, table, pk).Scan(&id)
	if err == nil && id != "" {
		err = httpapi.Locked.With("%s is locked by %s", pk, id)
	}
	return err
}

// selectForUpdate reads an account, and refuses it while its global lock is taken.
func selectForUpdate(tx *sqlite.Tx, name string) (available int64, err error) {
	if err := refuseLocked(tx, "accounts", name); err != nil {
		return 0, err
	}
	err = tx.QueryRow("SELECT available FROM accounts WHERE name = ?", name).Scan(&available)
	return available, err
}

// undo writes the before image of a transaction's row back, if the row is still as the
// transaction left it. If a plain local transaction has changed the row since, no image
// is right any more: undo refuses, and an operator has to set the row right and to
// delete the undo log. Without an undo log, there is nothing to do.
func undo(tx *sqlite.Tx, id string) error {
	var table, pk, before, after string
	err := tx.QueryRow(`SELECT table_name, pk, before_image, after_image
		FROM undo_log WHERE id = ?`, id).Scan(&table, &pk, &before, &after)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	r, err := describe(tx, table, pk)
	if err != nil {
		return err
	}
	now, err := r.image(tx)
	switch {
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return err
	case now == before: // it looks undone
		return nil
	case now != after:
		return httpapi.NotFound.With("dirty record: %s of %s is %s, and %s left %s",
			pk, table, cmp.Or(now, "gone"), id, after)
	}
	return r.restore(tx, before)
}
