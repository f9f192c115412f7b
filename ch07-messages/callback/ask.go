package callback

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"example.com/dtx/ch07-messages/provider"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

const (
	patience    = time.Minute // for a notification, before the shop asks
	callTimeout = time.Second
)

// open is a payment whose end the shop does not know.
type open struct {
	provider.Payment
	began, due int64 // seconds since 1970
}

// Run asks about each payment of which the shop has heard nothing for a minute, and then
// each time after twice as long, until ctx is done.
func (s *Shop) Run(ctx context.Context) error {
	for ctx.Err() == nil { // the end wins over a tick
		next, err := s.askDue(ctx)
		if err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "the shop will ask again", "error", err)
		}
		select {
		case <-time.After(max(next, callTimeout)):
		case <-s.begun:
		case <-ctx.Done():
		}
	}
	return nil
}

// askDue asks about all that are due, and returns how long the next one has time.
func (s *Shop) askDue(ctx context.Context) (next time.Duration, err error) {
	list, err := sqlite.Collect(ctx, s.db, func(o *open) []any {
		return []any{&o.ID, &o.Order, &o.Cents, &o.began, &o.due}
	}, `SELECT id, "order", cents, began, due FROM payments
		WHERE state = 'processing' ORDER BY due, id`)
	if err != nil {
		return 0, err
	}
	next = time.Hour // a new payment ends the wait
	for _, o := range list {
		if pause := time.Until(time.Unix(o.due, 0)); pause > 0 {
			return min(next, pause), err
		}
		err = errors.Join(err, s.ask(ctx, o), s.postpone(ctx, o))
		next = patience
	}
	return next, err
}

// ask asks about one payment. If the provider does not know it, the shop's request was
// lost, or may still arrive: the shop sends it again under the same ID.
func (s *Shop) ask(ctx context.Context, o open) error {
	calling, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	url := "http://provider/payments/" + o.ID
	p, err := httpapi.Get[provider.Payment](calling, s.client, url)
	if errors.Is(err, httpapi.NotFound) {
		return s.send(ctx, o.ID, o.Order, o.Cents)
	}
	if err != nil {
		return err
	}
	return s.Apply(ctx, p)
}

// postpone has a payment wait for as long again as it has waited.
func (s *Shop) postpone(ctx context.Context, o open) error {
	return s.db.UpdateUnforced(ctx, func(tx *sqlite.Tx) error {
		due := 2*time.Now().Unix() - o.began
		_, err := tx.Exec("UPDATE payments SET due = ? WHERE id = ?", due, o.ID)
		return err
	})
}

// Books are the shop's records, for a reconciliation.
type Books struct {
	Payments []provider.Payment
	Released map[string]string // the payment for which each order was released
}

// Books reads the shop's records.
func (s *Shop) Books(ctx context.Context) (b Books, err error) {
	b.Payments, err = sqlite.Collect(ctx, s.db, func(p *provider.Payment) []any {
		return []any{&p.ID, &p.Order, &p.Cents, &p.State, &p.At}
	}, `SELECT id, "order", cents, state, at FROM payments ORDER BY id`)
	if err != nil {
		return b, err
	}
	rows, err := sqlite.Collect(ctx, s.db, func(r *[2]string) []any {
		return []any{&r[0], &r[1]}
	}, `SELECT "order", payment FROM released`)
	b.Released = map[string]string{}
	for _, r := range rows {
		b.Released[r[0]] = r[1]
	}
	return b, err
}
