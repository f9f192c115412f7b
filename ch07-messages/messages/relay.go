package messages

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/places"
	"example.com/dtx/internal/sqlite"
)

const (
	page      = 16 // events that are read and published at a time
	passPause = 20 * time.Second
)

// relay publishes what is in the outbox, the oldest first, and deletes it when the broker
// has it.
type relay struct {
	name   string // the service's
	db     *sqlite.DB
	broker Broker
	wake   chan struct{} // holds one if events were written
}

func newRelay(name string, db *sqlite.DB, b Broker) *relay {
	return &relay{name, db, b, make(chan struct{}, 1)}
}

// wakeUp says that there is something in the outbox.
func (r *relay) wakeUp() {
	select {
	case r.wake <- struct{}{}:
	default: // it is awake
	}
}

// run publishes until ctx is done: also what an earlier process has left.
func (r *relay) run(ctx context.Context) {
	tick := time.NewTicker(passPause)
	defer tick.Stop()
	for try := 1; ctx.Err() == nil; try++ {
		if err := r.pass(ctx); err != nil {
			slog.ErrorContext(ctx, "publish again later", "error", err)
			_ = places.Pause(ctx, r.name, try) // an error means that ctx is done
			continue
		}
		try = 0
		select {
		case <-r.wake:
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// pass publishes what is in the outbox, page by page. It stops if a publication fails:
// the same event is published again.
func (r *relay) pass(ctx context.Context) error {
	for {
		list, err := r.read(ctx)
		if err != nil || len(list) == 0 {
			return err
		}
		if err := r.publishAll(ctx, list); err != nil {
			return err
		}
	}
}

// publishAll publishes some events at the same time. Two events of one order are seldom
// among them, and may come in either order: each follows from its own cause.
func (r *relay) publishAll(ctx context.Context, list []entry) error {
	failed := make([]error, len(list))
	var wg sync.WaitGroup
	for i, e := range list {
		wg.Go(func() { failed[i] = r.publish(ctx, e) })
	}
	wg.Wait()
	return errors.Join(failed...)
}

func (r *relay) read(ctx context.Context) ([]entry, error) {
	return sqlite.Collect(ctx, r.db, func(e *entry) []any {
		return []any{&e.number, &e.id, &e.subject, &e.saga, &e.body}
	}, `SELECT number, id, subject, saga, body FROM outbox WHERE refusal = ''
		ORDER BY number LIMIT ?`, page)
}

// publish publishes one event and deletes it. The deletion is not forced: if it is
// lost, the event is published once more. What the broker refuses is set aside.
func (r *relay) publish(ctx context.Context, e entry) error {
	ctx = httpapi.WithWork(ctx, httpapi.Work{Op: "publish", Key: e.saga})
	_, err := r.broker.Publish(ctx, e.subject, e.id, e.saga, e.body)
	switch {
	case httpapi.OutcomeOf(err) == httpapi.Refused:
		return r.change(ctx, "UPDATE outbox SET refusal = ? WHERE number = ?",
			err.Error(), e.number)
	case err != nil:
		return err
	}
	return r.change(ctx, "DELETE FROM outbox WHERE number = ?", e.number)
}

func (r *relay) change(ctx context.Context, update string, args ...any) error {
	return r.db.UpdateUnforced(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec(update, args...)
		return err
	})
}
