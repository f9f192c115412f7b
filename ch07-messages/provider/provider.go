// Package provider is a payment provider outside the shop. A payment takes its time, and
// the provider tells the shop of each change by a best-effort notification: it repeats
// one at growing intervals, and then gives up. It never reads what the shop has.
//
// So the shop hears of a change late, twice, in another order, or never. The provider
// can be asked about a payment, and it publishes a statement of each day.
//
// A real provider signs its notifications. This one does not, to stay short.
package provider

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the provider's database.
const Schema = `
CREATE TABLE payments (id TEXT PRIMARY KEY, "order" TEXT NOT NULL, cents INTEGER NOT NULL,
	shop TEXT NOT NULL, state TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE TABLE notifications (id TEXT NOT NULL, state TEXT NOT NULL, at INTEGER NOT NULL,
	tries INTEGER NOT NULL DEFAULT 0, due INTEGER, PRIMARY KEY (id, state)) STRICT;
CREATE INDEX due ON notifications (due) WHERE due IS NOT NULL;
`

// State is how far a payment has come.
type State string

// The states. The last two are final.
const (
	Processing State = "processing"
	Paid       State = "paid"
	Failed     State = "failed"
)

// Follows tells whether a payment can move from a state to this one: only forward.
func (s State) Follows(from State) bool { return from == Processing && s != Processing }

// Wanted is what a shop asks for under the ID of a payment.
type Wanted struct {
	Order string `json:"order"` // several payments can be for one order
	Cents int64  `json:"cents"`
	Shop  string `json:"shop"` // host that is notified
}

// Payment is what the provider says of one: in a notification, in an answer, and in a
// statement.
type Payment struct {
	ID    string `json:"id"`
	Order string `json:"order"`
	Cents int64  `json:"cents"`
	State State  `json:"state"`
	At    int64  `json:"at"` // seconds since 1970, of the last change, by the provider's clock
}

// Provider takes payments.
type Provider struct {
	http.Handler
	db      *sqlite.DB
	client  *http.Client
	changed chan struct{}
}

// New returns a provider on its database. The client finds shops under their names.
func New(db *sqlite.DB, client *http.Client) *Provider {
	r := httpapi.NewRouter()
	p := &Provider{r, db, client, make(chan struct{}, 1)}
	r.Post("/payments", httpapi.Handle(p.post))
	r.Get("/payments/{id}", httpapi.Handle(p.get))
	r.Get("/statements/{day}", httpapi.Handle(p.statement))
	return p
}

// post begins a payment. To begin it again changes nothing.
func (p *Provider) post(w http.ResponseWriter, r *http.Request) error {
	id, err := httpapi.Key(r)
	if err != nil {
		return err
	}
	wanted, err := httpapi.Decode[Wanted](w, r)
	if err != nil {
		return err
	}
	var now Payment
	err = p.db.Update(r.Context(), func(tx *sqlite.Tx) error {
		now, err = find(tx, id)
		if !errors.Is(err, httpapi.NotFound) {
			return err
		}
		now = Payment{id, wanted.Order, wanted.Cents, Processing, time.Now().Unix()}
		_, err = tx.Exec("INSERT INTO payments VALUES (?, ?, ?, ?, ?, ?)",
			id, now.Order, now.Cents, wanted.Shop, now.State, now.At)
		return errors.Join(err, notify(tx, now))
	})
	if err == nil && (now.Order != wanted.Order || now.Cents != wanted.Cents) {
		err = httpapi.KeyReused.With("%s is another payment", id)
	}
	if err != nil {
		return err
	}
	p.wake()
	return httpapi.WriteJSON(w, http.StatusOK, now)
}

// Move moves a payment forward: the customer has paid on the provider's page, or has
// not. The error is httpapi.NotFound if there is no such payment.
func (p *Provider) Move(ctx context.Context, id string, to State) error {
	err := p.db.Update(ctx, func(tx *sqlite.Tx) error {
		now, err := find(tx, id)
		if err != nil || !to.Follows(now.State) {
			return err
		}
		now.State, now.At = to, time.Now().Unix()
		const move = "UPDATE payments SET state = ?, at = ? WHERE id = ?"
		_, err = tx.Exec(move, now.State, now.At, id)
		return errors.Join(err, notify(tx, now))
	})
	p.wake()
	return err
}

func (p *Provider) get(w http.ResponseWriter, r *http.Request) error {
	var now Payment
	err := p.db.View(r.Context(), func(tx *sqlite.Tx) (err error) {
		now, err = find(tx, httpapi.Param(r, "id"))
		return err
	})
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, now)
}

func find(tx *sqlite.Tx, id string) (Payment, error) {
	p := Payment{ID: id}
	err := tx.QueryRow(`SELECT "order", cents, state, at FROM payments WHERE id = ?`, id).
		Scan(&p.Order, &p.Cents, &p.State, &p.At)
	if errors.Is(err, sql.ErrNoRows) {
		return p, httpapi.NotFound.With("no payment %s", id)
	}
	return p, err
}
