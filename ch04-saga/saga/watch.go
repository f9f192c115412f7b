package saga

import (
	"context"
	"errors"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// This file is for the operator: what is open, what is parked, how far a saga is.

const (
	parkedPause = 10 * time.Minute // before a parked saga is tried again
	maxListed   = 100
)

// setAside notes what recovery and a customer need to know of a saga that a run
// leaves open: that its pivot is done, and whether it is parked, because a
// participant has refused what must not be refused. It is not forced.
func (o *Orchestrator) setAside(ctx context.Context, s Saga, cause error) error {
	var parked httpapi.Kind
	var due int64
	if httpapi.Judged(cause) {
		parked, due = reason(cause), time.Now().Add(parkedPause).UnixMilli()
	}
	if parked == "" && s.State != Done {
		return nil
	}
	return o.change(ctx, o.db.UpdateUnforced,
		"UPDATE sagas SET state = ?, parked = ?, due = ? WHERE id = ? AND open = 1", s.State, parked, due, s.ID)
}

// Release has a parked saga tried again at once. The error is httpapi.NotFound if
// it is not parked.
func (o *Orchestrator) Release(ctx context.Context, id string) error {
	select {
	case <-o.ready:
	case <-ctx.Done():
		return httpapi.Unavailable.With("still starting")
	}
	err := o.change(ctx, o.db.Update, "UPDATE sagas SET parked = '', due = 0 WHERE id = ? AND open = 1 AND parked <> ''", id)
	if errors.Is(err, errNoRow) {
		return httpapi.NotFound.With("%s is not parked", id)
	}
	select {
	case o.wake <- struct{}{}:
	default: // it is awake
	}
	return err
}

// Entry is an open saga on an operator's list.
type Entry struct {
	ID     string       `json:"id"`
	State  State        `json:"state"`
	Age    int64        `json:"age"`             // in seconds
	Parked httpapi.Kind `json:"parked,omitzero"` // the refusal
}

// Open lists sagas that are not finished, the oldest first.
func (o *Orchestrator) Open(ctx context.Context) ([]Entry, error) { return o.list(ctx, "") }

// Parked lists open sagas that a participant has refused to carry on with.
func (o *Orchestrator) Parked(ctx context.Context) ([]Entry, error) {
	return o.list(ctx, "AND parked <> ''")
}

func (o *Orchestrator) list(ctx context.Context, condition string) ([]Entry, error) {
	list := []Entry{}
	err := o.db.View(ctx, func(tx *sqlite.Tx) error {
		rows, err := tx.Query("SELECT id, state, (? - began) / 1000, parked FROM sagas WHERE open = 1 "+condition+
			" ORDER BY began, id LIMIT ?", time.Now().UnixMilli(), maxListed)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var e Entry
			if err := rows.Scan(&e.ID, &e.State, &e.Age, &e.Parked); err != nil {
				return err
			}
			list = append(list, e)
		}
		return rows.Err()
	})
	return list, err
}

// Progress is how far one step is.
type Progress struct {
	Step  string `json:"step"`
	State string `json:"state"` // waiting, calling, done, refused, compensating, compensated, or unknown
}

// History returns a saga and the progress of its steps.
func (o *Orchestrator) History(ctx context.Context, id string) (Saga, []Progress, error) {
	r := o.places.Find(id)
	s, err := o.lookUp(ctx, id, func(*sqlite.Tx) error { return nil })
	now := progress{Saga: s, reached: -1}
	if r != nil && r.Now().State != "" && s.Open {
		now = r.Now()
	}
	list := make([]Progress, len(s.Steps))
	for i, step := range s.Steps {
		list[i] = Progress{step.Name, now.of(i)}
	}
	return now.Saga, list, err
}

// of returns the progress of step i. The reached step is below 0 if no run works on
// the saga: then the record alone does not say how far an open saga is.
func (p progress) of(i int) string {
	switch {
	case p.State == Done && (!p.Open || i <= p.pivot()):
		return "done"
	case p.State == Compensated || p.State == Compensating && i > p.From:
		return p.after(i)
	case p.reached < 0:
		return "unknown"
	case p.State == Compensating && i > p.reached:
		return "compensated"
	case p.State == Compensating && i == p.reached:
		return "compensating"
	case i == p.reached:
		return "calling"
	case i < p.reached:
		return "done"
	case p.recorded:
		return "waiting"
	}
	return "unknown" // an earlier run may have called it
}

// after returns the progress of a step in a saga that has compensated it, or need not.
func (p progress) after(i int) string {
	switch {
	case i <= p.From:
		return "compensated"
	case i == p.From+1 && p.Why != httpapi.GivenUp:
		return "refused"
	}
	return "waiting"
}
