// Package callback is what a shop owes to a payment provider that notifies at its best
// effort. A notification may come late, twice, in another order, or never. So the shop
//
//   - writes its own record before it calls the provider;
//   - applies each notification idempotently, and only moves a payment forward;
//   - asks by itself when no notification comes;
//   - acknowledges a notification only if it knows the payment, and the amount agrees.
//
// What is still missed, a reconciliation finds.
package callback

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"time"

	"example.com/dtx/ch07-messages/provider"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the shop's database: its payments, and the orders that are paid. An order
// has one row at most: it is released for delivery once.
const Schema = `
CREATE TABLE payments (id TEXT PRIMARY KEY, "order" TEXT NOT NULL, cents INTEGER NOT NULL,
	state TEXT NOT NULL, at INTEGER NOT NULL, began INTEGER NOT NULL, due INTEGER NOT NULL) STRICT;
CREATE TABLE released ("order" TEXT PRIMARY KEY, payment TEXT NOT NULL) STRICT;
`

// Shop keeps the payments of one shop.
type Shop struct {
	http.Handler
	name   string
	db     *sqlite.DB
	client *http.Client
	begun  chan struct{}
}

// New returns the shop of that host name on its database. The client finds the provider
// under the name "provider".
func New(name string, db *sqlite.DB, client *http.Client) *Shop {
	r := httpapi.NewRouter()
	s := &Shop{r, name, db, client, make(chan struct{}, 1)}
	r.Post("/notifications", httpapi.Handle(s.notified))
	return s
}

// Begin writes a payment down, and begins it at the provider. An error means that Run
// has to find out what became of it.
func (s *Shop) Begin(ctx context.Context, id, order string, cents int64) error {
	err := s.db.Update(ctx, func(tx *sqlite.Tx) error {
		now := time.Now()
		_, err := tx.Exec(`INSERT INTO payments VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT DO NOTHING`, id, order, cents, provider.Processing,
			now.Unix(), now.Unix(), now.Add(patience).Unix())
		return err
	})
	if err != nil {
		return err
	}
	select {
	case s.begun <- struct{}{}:
	default: // Run has yet to take the last signal
	}
	return s.send(ctx, id, order, cents)
}

// send begins a payment at the provider, or does so again.
func (s *Shop) send(ctx context.Context, id, order string, cents int64) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	wanted := provider.Wanted{Order: order, Cents: cents, Shop: s.name}
	p, err := httpapi.Post[provider.Payment](ctx, s.client, "http://provider/payments", id, wanted)
	if err != nil {
		return err
	}
	return s.Apply(ctx, p)
}

func (s *Shop) notified(w http.ResponseWriter, r *http.Request) error {
	p, err := httpapi.Decode[provider.Payment](w, r)
	if err != nil {
		return err
	}
	if err := s.Apply(r.Context(), p); err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, provider.Received{ID: p.ID})
}

// Apply moves a payment to where the provider has it, forward only, and releases its
// order once. What was applied before, and what comes too late, changes nothing.
//
// The errors: httpapi.NotFound for a payment that the shop does not know, and
// httpapi.Unprocessable for another amount. Neither is acknowledged.
func (s *Shop) Apply(ctx context.Context, p provider.Payment) error {
	return s.db.Update(ctx, func(tx *sqlite.Tx) error {
		var order string
		var cents int64
		var state provider.State
		err := tx.QueryRow(`SELECT "order", cents, state FROM payments WHERE id = ?`, p.ID).
			Scan(&order, &cents, &state)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return httpapi.NotFound.With("no payment %s", p.ID)
		case err != nil:
			return err
		case p.Cents != cents || p.Order != order:
			return httpapi.Unprocessable.With("%s is for %s: %d cents", p.ID, order, cents)
		case !p.State.Follows(state):
			return nil
		}
		const move = "UPDATE payments SET state = ?, at = ? WHERE id = ?"
		if _, err := tx.Exec(move, p.State, p.At, p.ID); err != nil || p.State != provider.Paid {
			return err
		}
		const release = "INSERT INTO released VALUES (?, ?) ON CONFLICT DO NOTHING"
		_, err = tx.Exec(release, order, p.ID)
		return err
	})
}
