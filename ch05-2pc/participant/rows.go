package participant

import (
	"context"
	"database/sql"
	"errors"
	"net/http"

	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/jsonview"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the database; a service adds its own accounts. A prepared branch is
// the lock of its account: the index has room for one, and holds no other branches.
// What is committed or aborted stays, so that a message that comes again, or too
// late, is known. The highest epoch is that of the last coordinator that is known.
const Schema = `
CREATE TABLE accounts (name TEXT PRIMARY KEY,
	amount INTEGER NOT NULL CHECK (amount >= 0)) STRICT;
CREATE TABLE branches (id TEXT PRIMARY KEY, order_id TEXT NOT NULL, name TEXT NOT NULL,
	amount INTEGER NOT NULL, state TEXT NOT NULL, epoch INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX locks ON branches (name) WHERE state = 'prepared';
CREATE INDEX tombstones ON branches (epoch) WHERE state = 'aborted';
CREATE TABLE epochs (highest INTEGER NOT NULL) STRICT;
INSERT INTO epochs VALUES (1); -- the first
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
// the lock. A vote of no, or of read-only, leaves no branch.
func (r Rows) Prepare(ctx context.Context, id string, w Wanted) (vote twopc.Vote, err error) {
	err = r.db.Update(ctx, func(tx *sqlite.Tx) error {
		b, err := find(tx, id)
		if err != nil {
			return err
		}
		if b.state != "" { // the message comes again
			vote, err = Repeat(id, b.state, b.Wanted == w)
			return err
		}
		epoch, err := fence(tx, id)
		if err != nil {
			return err
		}
		if vote, err = r.vote(tx, w); err != nil || vote.Vote == twopc.ReadOnly {
			return err
		}
		return insert(tx, id, epoch, w, prepared)
	})
	return vote, err
}

// fence refuses a coordinator whose successor is known here: it will decide nothing
// any more. When a successor is met, the tombstones before it are not needed any more.
func fence(tx *sqlite.Tx, id string) (epoch int64, err error) {
	t, _ := twopc.ParseID(id)
	var highest int64
	err = tx.QueryRow("SELECT highest FROM epochs").Scan(&highest)
	if err != nil || t.Epoch == highest {
		return t.Epoch, err
	}
	if t.Epoch < highest {
		return 0, httpapi.Unavailable.With("epoch %d has passed: it is %d", t.Epoch, highest)
	}
	if _, err := tx.Exec("UPDATE epochs SET highest = ?", t.Epoch); err != nil {
		return 0, err
	}
	_, err = tx.Exec("DELETE FROM branches WHERE state = 'aborted' AND epoch < ?", t.Epoch)
	return t.Epoch, err
}

// vote judges a branch that is new. What a lock leaves of an account is not known yet.
func (r Rows) vote(tx *sqlite.Tx, w Wanted) (vote twopc.Vote, err error) {
	a, err := account(tx, w.Name)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return vote, r.rules.Unknown.With("%q", w.Name)
	case err != nil:
		return vote, err
	case a.Lock != "":
		return vote, httpapi.Locked.With("%s is locked by %s", w.Name, a.Lock)
	}
	return r.rules.Vote(w, a.Amount)
}

// withLocks has no join: SQLite would parse it anew for each name (see package sqlite's tests).
const withLocks = `SELECT name, amount, coalesce((SELECT id FROM branches b
		WHERE b.name = accounts.name AND state = 'prepared'), '')
	FROM accounts`

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
		_, err = tx.Exec("UPDATE branches SET state = ? WHERE id = ?", committed, id)
		if err != nil {
			return err
		}
		_, err = tx.Exec("UPDATE accounts SET amount = amount - ? WHERE name = ?", b.Amount, b.Name)
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
		t, _ := twopc.ParseID(id)
		return insert(tx, id, t.Epoch, Wanted{}, aborted)
	})
}

// insert writes a branch down, or the new state of one that is known.
func insert(tx *sqlite.Tx, id string, epoch int64, w Wanted, state string) error {
	_, err := tx.Exec(`INSERT INTO branches (id, order_id, name, amount, state, epoch)
		VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state`,
		id, w.Order, w.Name, w.Amount, state, epoch)
	return err
}

// branch is a row of branches. Its state is empty if there is none.
type branch struct {
	Wanted
	state string
}

func find(tx *sqlite.Tx, id string) (b branch, err error) {
	err = tx.QueryRow("SELECT order_id, name, amount, state FROM branches WHERE id = ?", id).
		Scan(&b.Order, &b.Name, &b.Amount, &b.state)
	if errors.Is(err, sql.ErrNoRows) {
		return branch{}, nil
	}
	return b, err
}

// InDoubt is part of Branches. It reads the locks, and no other branch.
func (r Rows) InDoubt(ctx context.Context) ([]string, error) {
	return sqlite.Collect(ctx, r.db, func(id *string) []any { return []any{id} }, inDoubt)
}

const inDoubt = "SELECT id FROM branches INDEXED BY locks WHERE state = 'prepared' ORDER BY id"

// Accounts is part of Branches.
func (r Rows) Accounts(ctx context.Context) ([]Account, error) {
	return sqlite.Collect(ctx, r.db, columns, withLocks+" ORDER BY accounts.name")
}

// Account is part of Branches.
func (r Rows) Account(ctx context.Context, name string) (Account, error) {
	list, err := sqlite.Collect(ctx, r.db, columns, withLocks+" WHERE accounts.name = ?", name)
	return One(list, name, err)
}

// Ledger answers with what is left in each account as it was last committed, and the
// branches that are prepared or committed. It is for an audit of some orders: many would
// need pages.
func (r Rows) Ledger() http.HandlerFunc {
	return jsonview.Handler(r.db, `SELECT json_object(
		'accounts', json((SELECT json_group_array(json_object('name', name, 'amount', amount)
			ORDER BY name) FROM accounts)),
		'branches', json((SELECT json_group_array(json_object(
			'id', id, 'name', name, 'amount', amount, 'state', state))
			FROM branches WHERE state <> 'aborted')))`)
}

func account(tx *sqlite.Tx, name string) (a Account, err error) {
	err = tx.QueryRow(withLocks+" WHERE accounts.name = ?", name).Scan(columns(&a)...)
	return a, err
}

func columns(a *Account) []any { return []any{&a.Name, &a.Amount, &a.Lock} }
