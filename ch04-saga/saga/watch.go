package saga

import (
	"context"
	"errors"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// This file is for the operator: what is open, what is parked, how far a saga is.

const parkedPause = 10 * time.Minute // before a parked saga is tried again

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
		"UPDATE sagas SET state = ?, parked = ?, due = ? WHERE id = ? AND open = 1",
		s.State, parked, due, s.ID)
}

// Release has a parked saga tried again as soon as there is a place. The error is
// httpapi.NotFound if it is not parked.
func (o *Orchestrator) Release(ctx context.Context, id string) error {
	err := o.change(ctx, o.db.Update,
		"UPDATE sagas SET parked = '', due = 0 WHERE id = ? AND open = 1 AND parked <> ''", id)
	if errors.Is(err, errNoRow) {
		return httpapi.NotFound.With("%s is not parked", id)
	}
	if err != nil {
		return err
	}
	return o.takeUp(ctx, id)
}

// Entry is an open saga on a list.
type Entry struct {
	ID     string       `json:"id"`
	State  State        `json:"state"`
	Age    int64        `json:"age"`             // seconds
	Parked httpapi.Kind `json:"parked,omitzero"` // the refusal

	began int64
}

// Open lists sagas that are not finished, the oldest first.
func (o *Orchestrator) Open(ctx context.Context) ([]Entry, error) { return o.list(ctx, "") }

// Parked lists open sagas with a call that a participant has refused.
func (o *Orchestrator) Parked(ctx context.Context) ([]Entry, error) {
	return o.list(ctx, " AND parked <> ''")
}

func (o *Orchestrator) list(ctx context.Context, which string, args ...any) ([]Entry, error) {
	if err := o.fenced(ctx, o.db.View, func(*sqlite.Tx) error { return nil }); err != nil {
		return nil, err
	}
	return sqlite.Collect(ctx, o.db, func(e *Entry) []any {
		return []any{&e.ID, &e.State, &e.began, &e.Age, &e.Parked}
	}, openSagas+which+inTurn, append(append([]any{time.Now().UnixMilli()}, args...), page)...)
}

const (
	openSagas = "SELECT id, state, began, (? - began) / 1000, parked FROM sagas WHERE open = 1"
	inTurn    = " ORDER BY began, id LIMIT ?"
)

// Progress returns a saga, and the name of the step that is being called or
// compensated; empty if this process does not work on it.
func (o *Orchestrator) Progress(ctx context.Context, id string) (Saga, string, error) {
	r := o.places.Find(id)
	s, err := o.lookUp(ctx, id, func(*sqlite.Tx) error { return nil })
	if r == nil || err != nil || !s.Open {
		return s, "", err
	}
	now := r.Now()
	if now.State == "" { // it is about to be taken up
		return s, "", nil
	}
	return now.Saga, now.Steps[now.reached].Name, nil
}
