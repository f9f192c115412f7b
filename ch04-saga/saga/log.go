package saga

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the orchestrator's log in its service's database. The index holds
// open sagas only: recovery does not read what is finished. Times are in
// milliseconds since 1970.
const Schema = `
CREATE TABLE epochs (number INTEGER NOT NULL) STRICT; -- one row: the number of starts
INSERT INTO epochs VALUES (0);
CREATE TABLE sagas (id TEXT PRIMARY KEY, began INTEGER NOT NULL, steps TEXT NOT NULL, -- JSON
	state TEXT NOT NULL DEFAULT 'running', open INTEGER NOT NULL DEFAULT 1,
	from_step INTEGER NOT NULL DEFAULT 0, why TEXT NOT NULL DEFAULT '',
	parked TEXT NOT NULL DEFAULT '') STRICT; -- the refusal
CREATE INDEX open_sagas ON sagas (began, id) WHERE open = 1;
`

var (
	// errSuperseded is returned when another process has started on this log.
	errSuperseded = fmt.Errorf("another process owns the log: %w", httpapi.Unavailable)
	// errNoRow is returned when an update did not find what it should change.
	errNoRow = errors.New("the saga's record has changed")
)

// takeEpoch makes this process the owner of the log. The epoch is the fencing
// token: every later write checks it.
func (o *Orchestrator) takeEpoch(ctx context.Context) error {
	return o.db.Update(ctx, func(tx *sqlite.Tx) error {
		return tx.QueryRow("UPDATE epochs SET number = number + 1 RETURNING number").Scan(&o.epoch)
	})
}

// fenced runs a transaction on the log, as its owner. A process that finds that it
// is not the owner makes no further call.
func (o *Orchestrator) fenced(ctx context.Context, do transact, fn transaction) error {
	select {
	case <-o.ready:
	case <-time.After(patience):
		return httpapi.Unavailable.With("still starting")
	}
	return do(ctx, func(tx *sqlite.Tx) error {
		var epoch int64
		if err := tx.QueryRow("SELECT number FROM epochs").Scan(&epoch); err != nil {
			return err
		}
		if epoch != o.epoch {
			o.stop()
			return errSuperseded
		}
		return fn(tx)
	})
}

type (
	transaction = func(*sqlite.Tx) error
	// transact is one of the ways in which a database runs a transaction.
	transact = func(context.Context, transaction) error
)

// record writes a saga down before its first call, forced. It returns the existing
// record if there is one.
func (o *Orchestrator) record(ctx context.Context, id string, request Request) (Saga, bool, error) {
	s, isNew := Saga{}, false
	err := o.fenced(ctx, o.db.Update, func(tx *sqlite.Tx) (err error) {
		if s, err = find(tx, id, request.Check); !errors.Is(err, httpapi.NotFound) {
			return err
		}
		isNew = true
		s.State, s.Open = Running, true
		if s.Steps, err = request.Record(tx); err != nil {
			return err
		}
		steps, err := json.Marshal(s.Steps)
		if err != nil {
			return err
		}
		_, err = tx.Exec("INSERT INTO sagas (id, began, steps) VALUES (?, ?, ?)",
			id, time.Now().UnixMilli(), string(steps))
		return err
	})
	return s, isNew, err
}

// lookUp returns a saga's record; the errors are httpapi.NotFound and those of check.
func (o *Orchestrator) lookUp(ctx context.Context, id string, check transaction) (Saga, error) {
	var s Saga
	err := o.db.View(ctx, func(tx *sqlite.Tx) (err error) {
		s, err = find(tx, id, check)
		return err
	})
	return s, err
}

// unchecked is the check of a reader that only knows the id.
func unchecked(*sqlite.Tx) error { return nil }

func find(tx *sqlite.Tx, id string, check transaction) (Saga, error) {
	s := Saga{ID: id}
	var steps string
	err := tx.QueryRow("SELECT steps, state, open, from_step, why FROM sagas WHERE id = ?", id).
		Scan(&steps, &s.State, &s.Open, &s.From, &s.Why)
	if errors.Is(err, sql.ErrNoRows) {
		return s, httpapi.NotFound.With("no saga %s", id)
	}
	if err == nil {
		err = json.Unmarshal([]byte(steps), &s.Steps)
	}
	if err == nil {
		err = check(tx)
	}
	return s, err
}

// change changes one record.
func (o *Orchestrator) change(ctx context.Context, do transact, update string, args ...any) error {
	return o.fenced(ctx, do, func(tx *sqlite.Tx) error {
		done, err := tx.Exec(update, args...)
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		if err == nil && n != 1 {
			return errNoRow
		}
		return err
	})
}
