// Package at is a participant whose cancel is written by a machine. It is the AT mode of
// Apache Seata (before: Alibaba Fescar), as small as it can be.
//
// The business is one plain SQL statement, and it commits at once, in the first phase.
// In the same local transaction, the generic part reads the row before and after the
// statement, writes both images into an undo log, and takes the global lock of the row.
// A confirm deletes the undo log. A cancel compares the row with the after image, and
// writes the before image back. Either frees the lock.
//
// The global lock binds only those that ask for it: other global transactions, and a
// SELECT FOR UPDATE. A plain SELECT sees what may still be undone: the documented global
// isolation level is read uncommitted. A plain UPDATE changes it: then the row differs
// from the after image, and cannot be undone.
//
// Two things are simpler here. Seata's coordinator keeps the global locks, and a
// participant asks it for them; here they are in the participant's database. Seata waits
// for a lock a short time; here the caller asks again.
//
// https://seata.apache.org/docs/dev/mode/at-mode, and in its code AbstractUndoExecutor
// (the comparison) and AbstractUndoLogManager (what a cancel does).
package at

import (
	"database/sql"
	"errors"
	"net/http"

	"example.com/dtx/ch06-tcc/participant"
	"example.com/dtx/ch06-tcc/tcc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the database; a service adds its own accounts. The accounts are the
// business's table, and have no column for what is under way. A branch is kept as the
// barrier: a message that comes again, or too late, is known.
const Schema = `
CREATE TABLE accounts (name TEXT PRIMARY KEY,
	available INTEGER NOT NULL CHECK (available >= 0)) STRICT;
CREATE TABLE branches (id TEXT PRIMARY KEY, last TEXT NOT NULL,
	name TEXT NOT NULL, amount INTEGER NOT NULL) STRICT;
CREATE TABLE undo_log (id TEXT PRIMARY KEY, table_name TEXT NOT NULL, pk TEXT NOT NULL,
	before_image TEXT NOT NULL, after_image TEXT NOT NULL) STRICT;
CREATE TABLE global_locks (table_name TEXT NOT NULL, pk TEXT NOT NULL, id TEXT NOT NULL,
	PRIMARY KEY (table_name, pk)) STRICT, WITHOUT ROWID;
CREATE INDEX locks_of ON global_locks (id);
`

// Account is a name, and what the last local commit has left of it.
type Account struct {
	Name      string `json:"name"`
	Available int64  `json:"available"`
}

// New returns a participant that speaks the protocol of package participant.
func New(db *sqlite.DB, rules participant.Rules) http.Handler {
	r := httpapi.NewRouter()
	r.Post("/try", participant.Serve(db, tcc.Try, business{rules}.try))
	r.Post("/confirm", participant.Serve(db, tcc.Confirm, confirm))
	r.Post("/cancel", participant.Serve(db, tcc.Cancel, cancel))
	r.Get(rules.List, httpapi.Handle(list(db)))
	r.Get(rules.List+"/{name}", httpapi.Handle(get(db)))
	return r
}

// business is the part that knows what an account is.
type business struct{ participant.Rules }

// try carries the statement out. A refusal leaves nothing. The business reads with SELECT
// FOR UPDATE: an amount that may still be undone is no reason for a final refusal.
func (r business) try(tx *sqlite.Tx, id string, w participant.Wanted) error {
	if err := w.Check(); err != nil {
		return err
	}
	b, err := find(tx, id)
	switch {
	case err != nil:
		return err
	case b.last == tcc.Cancel:
		return httpapi.Cancelled.With("%s comes after its cancel", id)
	case b.last != "" && b.Wanted != w:
		return httpapi.KeyReused.With("%s has taken %d of %s", id, b.Amount, b.Name)
	case b.last != "":
		return nil
	}
	available, err := selectForUpdate(tx, w.Name)
	if err := r.Judge(w, available, err); err != nil {
		return err
	}
	err = execute(tx, id, "UPDATE accounts SET available = available - ? WHERE name = ?",
		w.Amount, w.Name)
	if err != nil {
		return err
	}
	return record(tx, id, tcc.Try, w)
}

// confirm keeps what the try has done.
func confirm(tx *sqlite.Tx, id string, _ struct{}) error {
	b, err := find(tx, id)
	if err != nil || b.last == tcc.Confirm {
		return err
	}
	if b.last != tcc.Try {
		return httpapi.NotFound.With("%s is not tried here: the last operation is %q", id, b.last)
	}
	return finish(tx, id, tcc.Confirm, b.Wanted)
}

// cancel undoes what the try has done. An empty cancel leaves its record.
func cancel(tx *sqlite.Tx, id string, _ struct{}) error {
	b, err := find(tx, id)
	if err != nil || b.last == tcc.Cancel {
		return err
	}
	if b.last == tcc.Confirm {
		return httpapi.NotFound.With("%s is confirmed here", id)
	}
	if err := undo(tx, id); err != nil {
		return err
	}
	return finish(tx, id, tcc.Cancel, b.Wanted)
}

// branch is what has come of a transaction.
type branch struct {
	participant.Wanted
	last tcc.Operation // empty if none has come
}

func find(tx *sqlite.Tx, id string) (b branch, err error) {
	err = tx.QueryRow("SELECT last, name, amount FROM branches WHERE id = ?", id).
		Scan(&b.last, &b.Name, &b.Amount)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return b, err
}

// finish deletes the undo log of a transaction that has ended, and frees its lock.
func finish(tx *sqlite.Tx, id string, op tcc.Operation, w participant.Wanted) error {
	for _, table := range []string{"undo_log", "global_locks"} {
		if _, err := tx.Exec("DELETE FROM "+table+" WHERE id = ?", id); err != nil {
			return err
		}
	}
	return record(tx, id, op, w)
}

// record writes down the last operation of a branch.
func record(tx *sqlite.Tx, id string, op tcc.Operation, w participant.Wanted) error {
	_, err := tx.Exec(`INSERT INTO branches VALUES (?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET last = excluded.last`, id, op, w.Name, w.Amount)
	return err
}

// list answers with all accounts. It is a plain SELECT: it sees what is committed
// locally, also what may still be undone.
func list(db *sqlite.DB) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		accounts, err := sqlite.Collect(r.Context(), db, func(a *Account) []any {
			return []any{&a.Name, &a.Available}
		}, "SELECT name, available FROM accounts ORDER BY name")
		if err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, accounts)
	}
}

// get answers with one account, by a SELECT FOR UPDATE.
func get(db *sqlite.DB) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		a := Account{Name: httpapi.Param(r, "name")}
		err := db.View(r.Context(), func(tx *sqlite.Tx) (err error) {
			a.Available, err = selectForUpdate(tx, a.Name)
			return err
		})
		if errors.Is(err, sql.ErrNoRows) {
			return httpapi.NotFound.With("%q", a.Name)
		}
		if err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, a)
	}
}
