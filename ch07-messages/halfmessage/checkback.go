package halfmessage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

const (
	silence     = 2 * time.Second // of a producer, before it is asked back, and again
	callTimeout = time.Second
	batch       = 100 // messages of one pass
)

// open is a message for which the broker has something to do.
type open struct {
	Message
	id    string
	state State
}

// Run publishes what is committed and asks back what is old, until ctx is done.
func (b *Broker) Run(ctx context.Context) error {
	tick := time.NewTicker(silence)
	defer tick.Stop()
	for ctx.Err() == nil { // the end wins over a tick
		if err := b.pass(ctx); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "the broker will try again", "error", err)
		}
		select {
		case <-tick.C:
		case <-b.decided:
		case <-ctx.Done():
		}
	}
	return nil
}

// pass does what is due. What fails is due again later: it holds up nothing else.
func (b *Broker) pass(ctx context.Context) error {
	list, err := sqlite.Collect(ctx, b.db, func(o *open) []any {
		return []any{&o.id, &o.Producer, &o.Subject, &o.Body, &o.state}
	}, `SELECT id, producer, subject, body, state FROM messages
		WHERE open AND due <= ? ORDER BY due, id LIMIT ?`, time.Now().UnixMilli(), batch)
	for _, o := range list {
		if failed := b.settle(ctx, o); failed != nil {
			err = errors.Join(err, failed, b.postpone(ctx, o))
		}
	}
	return err
}

// settle brings one message to its end, as far as its producer and consumer let it.
func (b *Broker) settle(ctx context.Context, o open) error {
	calling, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if o.state == Unknown {
		state, err := b.check(calling, o)
		if err != nil {
			return err
		}
		return b.decide(ctx, o.id, state)
	}
	if err := b.publish(calling, o.Subject, o.id, o.Body); err != nil {
		return err
	}
	return b.db.UpdateUnforced(ctx, func(tx *sqlite.Tx) error { // if lost, published again
		_, err := tx.Exec("UPDATE messages SET open = 0 WHERE id = ?", o.id)
		return err
	})
}

// check asks the producer back. Only a final word of its own counts; "unknown" is none.
func (b *Broker) check(ctx context.Context, o open) (State, error) {
	url := "http://" + o.Producer + "/check"
	a, err := httpapi.Post[Answer](ctx, b.client, url, o.id, struct{}{})
	if err == nil && (a.ID != o.id || a.State != Committed && a.State != RolledBack) {
		err = fmt.Errorf("%s answers %+v to a check-back of %s", o.Producer, a, o.id)
	}
	return a.State, err
}

// postpone has a message wait.
func (b *Broker) postpone(ctx context.Context, o open) error {
	return b.db.UpdateUnforced(ctx, func(tx *sqlite.Tx) error {
		due := time.Now().Add(silence).UnixMilli()
		_, err := tx.Exec("UPDATE messages SET due = ? WHERE id = ? AND open", due, o.id)
		return err
	})
}
