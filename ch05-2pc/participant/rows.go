package participant

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the database; a service adds its own accounts. A prepared branch
// is the lock of its account: the index has room for one. What is committed or
// aborted stays, so that a message that comes again, or too late, is known.
const Schema = `
CREATE TABLE accounts (name TEXT PRIMARY KEY, amount INTEGER NOT NULL CHECK (amount >= 0)) STRICT;
CREATE TABLE branches (id TEXT PRIMARY KEY, order_id TEXT NOT NULL, name TEXT NOT NULL, amount INTEGER NOT NULL, state TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX locks ON branches (name) WHERE state = 'prepared';
`

// The states of a branch.
const (
	prepared  = "prepared" // and locked
	committed = "committed"
	aborted   = "aborted"
)

// Rows keeps branches in the rows of a SQLite database.
type Rows struct {
	db    *sqlite.DB
	rules Rules
}

// NewRows returns branches that are kept in db.
func NewRows(db *sqlite.DB, rules Rules) Rows { return Rows{db, rules} }

// Prepare is part of Branches. Its one forced commit holds the intent, which is
// the lock. A vote of no, or of read-only, leaves nothing.
func (r Rows) Prepare(ctx context.Context, id string, w Wanted) (vote twopc.Vote, err error) {
	vote.Vote = twopc.Yes
	err = r.db.Update(ctx, func(tx *sqlite.Tx) error {
		switch b, err := find(tx, id); {
		case err != nil:
			return err
		case b.state == aborted:
			return httpapi.Unavailable.With("%s was aborted", id)
		case b.state != "":
			return nil // it comes again
		}
		if err := r.check(tx, w); err != nil {
			return err
		}
		if w.Amount == 0 {
			vote.Vote = twopc.ReadOnly
			return nil
		}
		_, err := tx.Exec("INSERT INTO branches VALUES (?, ?, ?, ?, ?)", id, w.Order, w.Name, w.Amount, prepared)
		return err
	})
	return vote, err
}

// check tells whether an account has what is wanted, and nobody has it locked:
// what a lock leaves of it is not known yet.
func (r Rows) check(tx *sqlite.Tx, w Wanted) error {
	var left int64
	var lock string
	err := tx.QueryRow(withLocks+" WHERE accounts.name = ?", w.Name).Scan(&w.Name, &left, &lock)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return r.rules.Unknown.With("%q", w.Name)
	case err != nil:
		return err
	case lock != "":
		return httpapi.Locked.With("%s is locked by %s", w.Name, lock)
	case left < w.Amount:
		return r.rules.Short.With("%d of %s wanted, %d left", w.Amount, w.Name, left)
	}
	return nil
}

const withLocks = `SELECT accounts.name, accounts.amount, coalesce(b.id, '') FROM accounts
	LEFT JOIN branches b ON b.name = accounts.name AND b.state = 'prepared'`

// Commit is part of Branches. A branch that is not there was never prepared
// here: all that were are kept. To say "done" would make the coordinator forget.
func (r Rows) Commit(ctx context.Context, id string) error {
	return r.db.Update(ctx, func(tx *sqlite.Tx) error {
		b, err := find(tx, id)
		if err != nil || b.state == committed {
			return err
		}
		if b.state != prepared {
			return httpapi.NotFound.With("%s is not prepared here, but %q", id, b.state)
		}
		if _, err := tx.Exec("UPDATE accounts SET amount = amount - ? WHERE name = ?", b.Amount, b.Name); err != nil {
			return err
		}
		_, err = tx.Exec("UPDATE branches SET state = ? WHERE id = ?", committed, id)
		return err
	})
}

// Abort is part of Branches. It is not forced: if it is lost, the branch is
// prepared again, and asks again. What it leaves is a tombstone, also for a
// branch that is yet to come.
func (r Rows) Abort(ctx context.Context, id string) error {
	return r.db.UpdateUnforced(ctx, func(tx *sqlite.Tx) error {
		b, err := find(tx, id)
		if err != nil || b.state == aborted {
			return err
		}
		if b.state == committed {
			return httpapi.NotFound.With("%s is not prepared here, but %q", id, b.state)
		}
		_, err = tx.Exec("INSERT INTO branches VALUES (?, '', '', 0, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state", id, aborted)
		return err
	})
}

// branch is a row of branches. Its state is empty if there is none.
type branch struct {
	Wanted
	state string
}

func find(tx *sqlite.Tx, id string) (b branch, err error) {
	err = tx.QueryRow("SELECT order_id, name, amount, state FROM branches WHERE id = ?", id).Scan(&b.Order, &b.Name, &b.Amount, &b.state)
	if errors.Is(err, sql.ErrNoRows) {
		return branch{}, nil
	}
	return b, err
}

// InDoubt is part of Branches.
func (r Rows) InDoubt(ctx context.Context) ([]string, error) {
	return list(ctx, r.db, "SELECT id FROM branches WHERE state = 'prepared' ORDER BY id", func(id *string) []any { return []any{id} })
}

// Accounts is part of Branches.
func (r Rows) Accounts(ctx context.Context) ([]Account, error) {
	return list(ctx, r.db, withLocks+" ORDER BY accounts.name", func(a *Account) []any { return []any{&a.Name, &a.Amount, &a.Lock} })
}

// readPause is the time between two looks at a lock.
const readPause = 10 * time.Millisecond

// Account is part of Branches.
func (r Rows) Account(ctx context.Context, name string) (a Account, err error) {
	for end := time.Now().Add(ReadPatience); ; {
		err := r.db.View(ctx, func(tx *sqlite.Tx) error {
			return tx.QueryRow(withLocks+" WHERE accounts.name = ?", name).Scan(&a.Name, &a.Amount, &a.Lock)
		})
		if errors.Is(err, sql.ErrNoRows) {
			return a, httpapi.NotFound.With("%s", name)
		}
		if err != nil || a.Lock == "" {
			return a, err
		}
		if time.Now().After(end) || !twopc.Sleep(ctx, readPause) {
			return a, httpapi.Locked.With("%s is locked by %s", name, a.Lock)
		}
	}
}

// list reads every row of a query into a T, whose columns fields names.
func list[T any](ctx context.Context, db *sqlite.DB, query string, fields func(*T) []any) ([]T, error) {
	all := []T{}
	err := db.View(ctx, func(tx *sqlite.Tx) error {
		rows, err := tx.Query(query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var row T
			if err := rows.Scan(fields(&row)...); err != nil {
				return err
			}
			all = append(all, row)
		}
		return rows.Err()
	})
	return all, err
}
