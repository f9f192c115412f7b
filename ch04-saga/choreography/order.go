package choreography

import (
	"context"
	"database/sql"
	"errors"
	"net/http"

	"example.com/dtx/ch04-saga/order"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// OrderSchema makes the database of the one who takes the orders: what was
// decided about each, it hears from the others.
const OrderSchema = order.Orders + OutboxSchema + `
CREATE TABLE decisions (id TEXT PRIMARY KEY REFERENCES orders, why TEXT NOT NULL) STRICT; -- why is empty if it is confirmed
`

// Order takes the orders, and tells stock of each.
type Order struct {
	*Service
	db      *sqlite.DB
	waiting *waiting
}

// NewOrder returns the service on its database.
func NewOrder(db *sqlite.DB, client *http.Client) *Order {
	router := httpapi.NewRouter()
	waiting := newWaiting()
	o := &Order{&Service{router, newOutbox(db, client), waiting.wake}, db, waiting}
	o.reactTo(router, map[string]Reaction{"booked": decide, "not-taken": decide})
	router.Post("/orders", httpapi.Handle(o.post))
	router.Get("/orders/{id}", httpapi.Handle(o.get))
	return o
}

// decide notes how an order ended; the first word is the last.
func decide(tx *sqlite.Tx, saga string, n *News) ([]Address, error) {
	_, err := tx.Exec("INSERT INTO decisions (id, why) VALUES (?, ?) ON CONFLICT DO NOTHING", saga, n.Why)
	return nil, err
}

func (s *Order) post(w http.ResponseWriter, r *http.Request) error {
	o, err := order.Read(w, r)
	if err != nil {
		return err
	}
	if err := o.SetPrice(r.Context(), s.db); err != nil {
		return err
	}
	decided, leave, err := s.waiting.enter(o.ID)
	if err != nil {
		return err
	}
	defer leave()
	if err := s.place(r.Context(), &o); err != nil {
		return err
	}
	if o.State == order.Pending {
		o = s.wait(r.Context(), o, decided)
	}
	return o.Answer(w)
}

// wait returns an order when it is decided. If the caller's patience, or this
// process, ends before, it is pending still: it has been accepted.
func (s *Order) wait(ctx context.Context, o order.Order, decided <-chan struct{}) order.Order {
	patience, cancel := context.WithTimeout(ctx, order.Patience)
	defer cancel()
	select {
	case <-decided:
	case <-s.db.Failed():
	case <-s.outbox.over: // nothing is heard any more
	case <-patience.Done():
	}
	known := order.Order{ID: o.ID}
	if s.look(context.WithoutCancel(ctx), &known) != nil {
		return o
	}
	return known
}

// place writes an order down and publishes it, unless that was done before.
func (s *Order) place(ctx context.Context, o *order.Order) error {
	return s.outbox.update(ctx, func(tx *sqlite.Tx) ([]letter, error) {
		first, err := find(tx, o.ID)
		switch {
		case errors.Is(err, httpapi.NotFound):
			o.State = order.Pending
			if err := o.Save(tx); err != nil {
				return nil, err
			}
			return publish(tx, o.ID, newsOf(*o), Address{"placed", "stock"})
		case err == nil && first.Request != o.Request:
			return nil, httpapi.KeyReused.With("%s is another order", o.ID)
		}
		*o = first
		return nil, err
	})
}

func (s *Order) look(ctx context.Context, o *order.Order) error {
	return s.db.View(ctx, func(tx *sqlite.Tx) (err error) {
		*o, err = find(tx, o.ID)
		return err
	})
}

func (s *Order) get(w http.ResponseWriter, r *http.Request) error {
	o := order.Order{ID: httpapi.Param(r, "id")}
	if err := s.look(r.Context(), &o); err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, o)
}

// find reads an order. Where it is between the services, nobody can tell.
func find(tx *sqlite.Tx, id string) (order.Order, error) {
	o := order.Order{ID: id}
	var why sql.NullString
	err := tx.QueryRow("SELECT customer, item, quantity, slot, cents, why FROM orders LEFT JOIN decisions USING (id) WHERE id = ?", id).
		Scan(&o.Customer, &o.Item, &o.Quantity, &o.Slot, &o.Cents, &why)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return o, httpapi.NotFound.With("no order %s", id)
	case !why.Valid:
		o.State = order.Pending
	case why.String == "":
		o.State = order.Confirmed
	default:
		o.State, o.Why = order.Refused, httpapi.Kind(why.String)
	}
	return o, err
}
