package saga

import (
	"context"
	"errors"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// This file is for the operator: what is open, what is parked, how far a saga is.

const page = 100 // sagas that are read at a time

// Release has a parked saga tried again as soon as there is a place. The errors:
// httpapi.NotFound if it is not parked; httpapi.InFlight while it is being tried, since the
// refusal of that try may be older than the repair.
func (o *Orchestrator) Release(ctx context.Context, id string) error {
	if o.places.Find(id) != nil {
		return httpapi.InFlight.With("%s is being tried", id)
	}
	err := o.change(ctx, o.db.Update,
		"UPDATE sagas SET parked = '' WHERE id = ? AND open = 1 AND parked <> ''", id)
	switch {
	case errors.Is(err, errNoRow):
		return httpapi.NotFound.With("%s is not parked", id)
	case err != nil:
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_ = o.takeUp(ctx, id) // without a place in time, the next pass does it
	return nil
}

// Entry is an open saga on a list.
type Entry struct {
	ID     string       `json:"id"`
	State  State        `json:"state"`
	Age    int64        `json:"age"`             // seconds
	Parked httpapi.Kind `json:"parked,omitzero"` // the refusal

	began int64
}

// Open lists the oldest open sagas, or only those that are parked: a page at most.
func (o *Orchestrator) Open(ctx context.Context, parked bool) ([]Entry, error) {
	return o.list(ctx, Entry{}, parked)
}

// list is one page of Open, after an entry.
func (o *Orchestrator) list(ctx context.Context, last Entry, parked bool) ([]Entry, error) {
	// Recovery notices here that another process owns the log.
	if err := o.fenced(ctx, o.db.View, unchecked); err != nil {
		return nil, err
	}
	return sqlite.Collect(ctx, o.db, func(e *Entry) []any {
		return []any{&e.ID, &e.State, &e.began, &e.Age, &e.Parked}
	}, readOpen, time.Now().UnixMilli(), last.began, last.ID, parked, page)
}

const readOpen = `SELECT id, state, began, (? - began) / 1000, parked FROM sagas
	WHERE open = 1 AND (began, id) > (?, ?) AND (parked <> '') >= ? ORDER BY began, id LIMIT ?`

// Progress returns a saga, and the name of the step that is being called or
// compensated; empty if this process does not work on it.
func (o *Orchestrator) Progress(ctx context.Context, id string) (Saga, string, error) {
	r := o.places.Find(id)
	s, err := o.lookUp(ctx, id, unchecked)
	if r == nil || err != nil || !s.Open {
		return s, "", err
	}
	now := r.Now()
	if now.State == "" { // it is about to be taken up
		return s, "", nil
	}
	return now.Saga, now.Steps[now.reached].Name, nil
}
