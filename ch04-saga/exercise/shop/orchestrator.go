// Package shop is the chapter's shop with the student's functions in it: which steps
// an order has, what a participant does when a call comes again, and how a saga goes on
// after a crash. The services and their messages are the chapter's own.
package shop

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"example.com/dtx/ch04-saga/order"
	"example.com/dtx/ch04-saga/saga"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/places"
	"example.com/dtx/internal/sqlite"
)

const (
	maxPlaces = 16              // sagas that are worked on at the same time
	patience  = time.Second     // of a new saga that waits for a place
	passPause = 5 * time.Second // between two passes of recovery
)

// Yours is what a student plugs into the orchestrator.
type Yours struct {
	Plan    func(order.Order) ([]saga.Step, error)
	Recover func(context.Context, *Run, saga.Saga) error
}

// Orchestrator carries out sagas. It has the chapter's log without the fence: it does
// not survive a zombie.
type Orchestrator struct {
	*saga.Orchestrator // reads the log
	db                 *sqlite.DB
	client             *http.Client
	yours              Yours
	places             *places.Places[progress]
}

// progress is what this process knows of a saga that it works on.
type progress struct {
	saga.Saga
	recorded bool // this run has recorded the saga: there was no call before it
}

// New returns an orchestrator with its log in db, which has the chapter's schema.
func New(db *sqlite.DB, client *http.Client, yours Yours) *Orchestrator {
	p := places.Make[progress](maxPlaces, patience)
	return &Orchestrator{saga.New(db, client, maxPlaces), db, client, yours, p}
}

// Execute has a saga carried out, and waits until it is finished or ctx ends.
func (o *Orchestrator) Execute(
	ctx context.Context, id string, request saga.Request,
) (s saga.Saga, err error) {
	r, isNew, err := o.places.Begin(ctx, id, places.New)
	if err != nil {
		return s, err
	}
	if isNew {
		defer r.Drop()
		var p progress
		if p, err = o.record(ctx, id, request); err != nil || !p.Open {
			return p.Saga, err
		}
		r.Set(p)
		r.Hand()
	}
	if s = r.Wait(ctx).Saga; s.State == "" {
		err = httpapi.InFlight.With("%s is being recorded", id)
	}
	return s, err
}

// record writes a saga down before its first call, or returns the existing record.
func (o *Orchestrator) record(
	ctx context.Context, id string, request saga.Request,
) (p progress, err error) {
	if p.Saga, _, err = o.Progress(ctx, id); !errors.Is(err, httpapi.NotFound) {
		return p, err
	}
	p = progress{saga.Saga{ID: id, State: saga.Running, Open: true}, true}
	err = o.db.Update(ctx, func(tx *sqlite.Tx) error {
		if _, err := request.Record(tx); err != nil { // the steps are the student's
			return err
		}
		placed := order.Order{ID: id}
		if err := placed.Find(tx); err != nil {
			return err
		}
		if p.Steps, err = o.yours.Plan(placed); err != nil {
			return err
		}
		steps, err := json.Marshal(p.Steps)
		if err != nil {
			return err
		}
		_, err = tx.Exec("INSERT INTO sagas (id, began, steps) VALUES (?, 0, ?)", id, string(steps))
		return err
	})
	return p, err
}

// Run carries out sagas until ctx is done: those that are asked for, and those that an
// earlier process or run has left open.
func (o *Orchestrator) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			if err := o.pass(ctx); err != nil && ctx.Err() == nil {
				slog.ErrorContext(ctx, "recovery tries again later", "error", err)
			}
			select {
			case <-time.After(passPause):
			case <-ctx.Done():
			}
		}
	})
	o.places.Run(ctx, o.carry)
	wg.Wait()
	return nil
}

// pass takes up every open saga that no run works on.
func (o *Orchestrator) pass(ctx context.Context) error {
	ids, err := sqlite.Collect(ctx, o.db, func(id *string) []any { return []any{id} },
		"SELECT id FROM sagas WHERE open = 1 ORDER BY id")
	for _, id := range ids {
		err = errors.Join(err, o.takeUp(ctx, id))
	}
	return err
}

func (o *Orchestrator) takeUp(ctx context.Context, id string) error {
	r, isNew, err := o.places.Begin(ctx, id, places.Old)
	if err != nil || !isNew {
		return err
	}
	defer r.Drop()
	s, _, err := o.Progress(ctx, id)
	if err != nil || !s.Open {
		return err
	}
	r.Set(progress{Saga: s})
	r.Hand()
	return nil
}

// carry carries a saga out: one that this run has recorded with forward, any other
// with the student's function.
func (o *Orchestrator) carry(ctx context.Context, r *places.Run[progress]) {
	work, p := o.yours.Recover, r.Now()
	if p.recorded {
		work = forward
	}
	if err := work(ctx, &Run{o, r}, p.Saga); err != nil && ctx.Err() == nil {
		slog.ErrorContext(ctx, "saga stays open", "saga", r.ID, "error", err)
	}
}
