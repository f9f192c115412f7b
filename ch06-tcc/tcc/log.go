package tcc

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the initiator's log in its service's database. A transaction is open
// while participants have not acknowledged its end; the index has no others.
const Schema = `
CREATE TABLE epochs (number INTEGER NOT NULL) STRICT; -- one row: the number of starts
INSERT INTO epochs VALUES (0);
CREATE TABLE transactions (id TEXT PRIMARY KEY, state TEXT NOT NULL, why TEXT NOT NULL DEFAULT '',
	waiting TEXT NOT NULL, -- the participants that have not acknowledged the decision
	parked TEXT NOT NULL DEFAULT '', -- why they never will
	began INTEGER NOT NULL DEFAULT (unixepoch())) STRICT;
CREATE INDEX open ON transactions (began, id) WHERE waiting <> '';
`

// errSuperseded is returned when another process has started on this log.
var errSuperseded = fmt.Errorf("another process owns the log: %w", httpapi.Unavailable)

// takeEpoch makes this process the owner of the log. The epoch is the fencing token:
// every later write checks it.
func (n *Initiator) takeEpoch(ctx context.Context) error {
	return n.db.Update(ctx, func(tx *sqlite.Tx) error {
		return tx.QueryRow("UPDATE epochs SET number = number + 1 RETURNING number").Scan(&n.epoch)
	})
}

type (
	transaction = func(*sqlite.Tx) error
	// transact is one of the ways in which a database runs a transaction.
	transact = func(context.Context, transaction) error
)

// fenced runs a transaction on the log, as its owner. A process that finds that it is
// not the owner makes no further call: its successor may have decided otherwise.
func (n *Initiator) fenced(ctx context.Context, run transact, fn transaction) error {
	select {
	case <-n.ready:
	case <-time.After(patience):
		return httpapi.Unavailable.With("still starting")
	}
	return run(ctx, func(tx *sqlite.Tx) error {
		var epoch int64
		if err := tx.QueryRow("SELECT number FROM epochs").Scan(&epoch); err != nil {
			return err
		}
		if epoch != n.epoch {
			n.stop()
			return errSuperseded
		}
		return fn(tx)
	})
}

// record writes a transaction down before its first call, forced. If there is one under
// the id, it returns that one, and no branches.
func (n *Initiator) record(
	ctx context.Context, id string, request Request,
) (t Transaction, branches []Branch, err error) {
	err = n.fenced(ctx, n.db.Update, func(tx *sqlite.Tx) (err error) {
		if t, err = find(tx, id, request.Check); !errors.Is(err, httpapi.NotFound) {
			return err
		}
		if branches, err = request.Record(tx); err != nil {
			return err
		}
		t = Transaction{ID: id, State: Trying, waiting: names(branches)}
		_, err = tx.Exec("INSERT INTO transactions (id, state, waiting) VALUES (?, ?, ?)",
			id, t.State, t.Waiting())
		return err
	})
	return t, branches, err
}

// decide forces the decision: from here on the transaction is confirmed, or cancelled
// for a reason.
func (n *Initiator) decide(
	ctx context.Context, t Transaction, why httpapi.Kind,
) (Transaction, error) {
	t.State, t.Why = Confirming, why
	if why != "" {
		t.State = Cancelling
	}
	return t, n.fenced(ctx, n.db.Update, func(tx *sqlite.Tx) error {
		_, err := tx.Exec("UPDATE transactions SET state = ?, why = ? WHERE id = ?",
			t.State, t.Why, t.ID)
		return err
	})
}

// note writes down which participants still have to be told, and why they cannot be. It
// is not forced: if it is lost, they are told once more.
func (n *Initiator) note(ctx context.Context, t Transaction, parked string) error {
	return n.fenced(ctx, n.db.UpdateUnforced, func(tx *sqlite.Tx) error {
		_, err := tx.Exec("UPDATE transactions SET waiting = ?, parked = ? WHERE id = ?",
			t.Waiting(), parked, t.ID)
		return err
	})
}

// lookUp returns a transaction; the errors are httpapi.NotFound and those of check.
func (n *Initiator) lookUp(
	ctx context.Context, id string, check transaction,
) (t Transaction, err error) {
	err = n.fenced(ctx, n.db.View, func(tx *sqlite.Tx) (err error) {
		t, err = find(tx, id, check)
		return err
	})
	return t, err
}

func find(tx *sqlite.Tx, id string, check transaction) (Transaction, error) {
	t, waiting := Transaction{ID: id}, ""
	err := tx.QueryRow("SELECT state, why, waiting FROM transactions WHERE id = ?", id).
		Scan(&t.State, &t.Why, &waiting)
	t.waiting = strings.Fields(waiting)
	if errors.Is(err, sql.ErrNoRows) {
		return t, httpapi.NotFound.With("no transaction %s", id)
	}
	if err != nil {
		return t, err
	}
	return t, check(tx)
}

// Entry is an open transaction on a list.
type Entry struct {
	ID      string `json:"id"`
	State   State  `json:"state"`
	Waiting string `json:"waiting"`         // the participants, with a space between two
	Age     int64  `json:"age"`             // seconds
	Parked  string `json:"parked,omitzero"` // the refusals
}

// Open lists the open transactions, or only those that are parked, the oldest first.
func (n *Initiator) Open(ctx context.Context, parked bool) ([]Entry, error) {
	if err := n.fenced(ctx, n.db.View, func(*sqlite.Tx) error { return nil }); err != nil {
		return nil, err
	}
	return sqlite.Collect(ctx, n.db, func(e *Entry) []any {
		return []any{&e.ID, &e.State, &e.Waiting, &e.Age, &e.Parked}
	}, readOpen, parked)
}

const readOpen = `SELECT id, state, waiting, unixepoch() - began, parked
	FROM transactions INDEXED BY open
	WHERE waiting <> '' AND (parked <> '') >= ? ORDER BY began, id`
