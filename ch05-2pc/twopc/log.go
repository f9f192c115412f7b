package twopc

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the coordinator's log. The decision is unique by order. A decision
// is open while participants have not acknowledged it; the index has no others.
const Schema = `
CREATE TABLE epochs (number INTEGER PRIMARY KEY, -- one row for each start
	reserved INTEGER NOT NULL) STRICT; -- the last attempt that it may have made
CREATE TABLE decisions (order_id TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE,
	waiting TEXT NOT NULL, -- the participants that have not acknowledged it
	parked TEXT NOT NULL DEFAULT '', -- why they never will
	decided INTEGER NOT NULL DEFAULT (unixepoch())) STRICT;
CREATE INDEX open ON decisions (order_id) WHERE waiting <> '';
`

// decision is a transaction that is committed, or is about to be.
type decision struct {
	id      ID
	waiting []string // the participants that have not acknowledged it
}

// ahead is the number of attempts that are reserved at a time.
const ahead = 100

// takeEpoch counts this start, on the disk: from here on no earlier process decides
// anything. It makes IDs new without a record for each.
func (c *Coordinator) takeEpoch(ctx context.Context) error {
	c.reserved.Store(ahead)
	return c.db.Update(ctx, func(tx *sqlite.Tx) error {
		const count = "INSERT INTO epochs (reserved) VALUES (?) RETURNING number"
		return tx.QueryRow(count, ahead).Scan(&c.epoch)
	})
}

// draw returns the ID of a new attempt. Attempts are reserved on the disk before they
// are made, so a later start knows which IDs are this one's: started on an older copy of the
// log, it has no answer about an attempt that the copy has not reserved. If you restore a
// copy, first insert an epoch above all that were used. After an error the attempt must not
// be made.
func (c *Coordinator) draw(ctx context.Context, order string) (ID, error) {
	id := ID{order, c.epoch, c.issued.Add(1)}
	if id.Attempt <= c.reserved.Load() {
		return id, nil
	}
	last := id.Attempt + ahead - 1
	err := c.db.Update(ctx, c.fenced(func(tx *sqlite.Tx) error {
		const reserve = "UPDATE epochs SET reserved = max(reserved, ?) WHERE number = ?"
		_, err := tx.Exec(reserve, last, c.epoch)
		return err
	}))
	if err == nil {
		c.reserved.Store(last)
	}
	return id, err
}

// errSuperseded is returned when a later coordinator has started on this log.
var errSuperseded = fmt.Errorf("a later coordinator owns the log: %w", httpapi.Unavailable)

// fenced runs fn only while this process owns the log. A process that was taken
// for dead writes nothing and answers nothing: its successor may have said
// "aborted" already. It ends here.
func (c *Coordinator) fenced(fn func(*sqlite.Tx) error) func(*sqlite.Tx) error {
	return func(tx *sqlite.Tx) error {
		var epoch int64
		if err := tx.QueryRow("SELECT max(number) FROM epochs").Scan(&epoch); err != nil {
			return err
		}
		if epoch != c.epoch {
			c.end()
			return errSuperseded
		}
		return fn(tx)
	}
}

// check ends this process if it does not own the log any more.
func (c *Coordinator) check(ctx context.Context) error {
	return c.db.View(ctx, c.fenced(func(*sqlite.Tx) error { return nil }))
}

// decide forces the decision: from here on the transaction is committed.
func (c *Coordinator) decide(ctx context.Context, d decision, record Record) error {
	return c.db.Update(ctx, c.fenced(func(tx *sqlite.Tx) error {
		_, err := tx.Exec("INSERT INTO decisions (order_id, id, waiting) VALUES (?, ?, ?)",
			d.id.Order, d.id.String(), strings.Join(d.waiting, " "))
		if err != nil {
			return err
		}
		return record(tx, nil)
	}))
}

// refuse forces a participant's refusal before the customer is told: else a crash,
// and a customer that asks again, might turn it into a yes. It returns err, or why
// it could not be written.
func (c *Coordinator) refuse(ctx context.Context, err error, record Record) error {
	problem, ok := errors.AsType[*httpapi.Problem](err)
	if !ok || problem.Outcome() != httpapi.Refused {
		return err
	}
	failed := c.db.Update(ctx, c.fenced(func(tx *sqlite.Tx) error { return record(tx, problem) }))
	if failed != nil {
		return failed
	}
	return problem
}

// note writes down which participants still have to be told, and why they cannot
// be. It is not forced: if it is lost, they are told once more.
func (c *Coordinator) note(ctx context.Context, d decision, parked string) error {
	return c.db.UpdateUnforced(ctx, c.fenced(func(tx *sqlite.Tx) error {
		_, err := tx.Exec("UPDATE decisions SET waiting = ?, parked = ? WHERE id = ?",
			strings.Join(d.waiting, " "), parked, d.id.String())
		return err
	}))
}

// Outcome answers an inquiry. A transaction without a decision is aborted, if it is
// one of ours: its run is there before any participant hears of it, until its decision
// is on the disk or never will be. An ID that neither this start nor one before it may
// have drawn is not ours: the answer is httpapi.NotFound, and the participant waits.
func (c *Coordinator) Outcome(ctx context.Context, text string) (state State, err error) {
	select {
	case <-c.ready:
	default:
		return Pending, nil // the process before this one may still decide
	}
	unknown := httpapi.NotFound.With("%q is no transaction of this coordinator", text)
	id, ok := ParseID(text)
	if !ok || id.Epoch == c.epoch && id.Attempt > c.issued.Load() {
		return "", unknown
	}
	// First the run, then the disk: a decision in between would else be answered "aborted".
	state = Aborted
	if run := c.places.Find(id.Order); run != nil && run.Now().id == id {
		state = Pending
	}
	err = c.db.View(ctx, c.fenced(func(tx *sqlite.Tx) error {
		const decided = `SELECT iif(EXISTS (SELECT 1 FROM decisions WHERE id = ?), ?, ?)
			FROM epochs WHERE number = ? AND reserved >= ?`
		return tx.QueryRow(decided, text, Committed, state, id.Epoch, id.Attempt).Scan(&state)
	}))
	if errors.Is(err, sql.ErrNoRows) {
		return "", unknown
	}
	return state, err
}

// Entry is an open decision on a list. It is parked if one of its participants has voted
// yes and now refuses: that promise is broken, and an operator has to repair it.
type Entry struct {
	ID      string `json:"id"`
	Waiting string `json:"waiting"`         // the participants, with a space between two
	Age     int64  `json:"age"`             // seconds
	Parked  string `json:"parked,omitzero"` // the refusals
}

// Open lists the open decisions, or only those that are parked, the oldest first.
func (c *Coordinator) Open(ctx context.Context, parked bool) ([]Entry, error) {
	return sqlite.Collect(ctx, c.db, func(e *Entry) []any {
		return []any{&e.ID, &e.Waiting, &e.Age, &e.Parked}
	}, readOpen, parked)
}

const readOpen = `SELECT id, waiting, unixepoch() - decided, parked FROM decisions INDEXED BY open
	WHERE waiting <> '' AND (parked <> '') >= ? ORDER BY decided, order_id`
