package choreography

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"sync"

	"example.com/dtx/ch04-saga/order"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/places"
	"example.com/dtx/internal/sqlite"
)

// OrderSchema makes the database of the service that takes the orders. It hears from
// the others how each order ended.
const OrderSchema = order.Orders + OutboxSchema + `
CREATE TABLE decisions (id TEXT PRIMARY KEY REFERENCES orders,
	why TEXT NOT NULL) STRICT; -- empty if the order is confirmed
`

// maxWaiting bounds the orders whose customers wait for an answer.
const maxWaiting = 256

// Order takes the orders, and tells stock of each.
type Order struct {
	*Service
	db     *sqlite.DB
	places *places.Places[struct{}] // one for each order whose customer waits
}

// NewOrder returns the service on its database.
func NewOrder(db *sqlite.DB, client *http.Client) *Order {
	router := httpapi.NewRouter()
	o := &Order{db: db, places: places.Make[struct{}](maxWaiting, 0)}
	o.Service = &Service{router, newOutbox(db, client), o.wakeUp}
	o.route(router, map[string]Reaction{"booked": confirm, "not-taken": refuse})
	router.Post("/orders", httpapi.Handle(o.post))
	router.Get("/orders/{id}", httpapi.Handle(o.get))
	return o
}

// Run delivers the service's events until ctx is done.
func (s *Order) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { s.places.Run(ctx, nil) }) // nothing is handed over: its end ends the waiting
	return s.Service.Run(ctx)
}

// wakeUp tells the customers who wait for an order.
func (s *Order) wakeUp(id string) {
	if r := s.places.Find(id); r != nil {
		r.Decide(struct{}{})
	}
}

func confirm(tx *sqlite.Tx, saga string, c *Content) ([]Target, error) {
	return nil, decide(tx, saga, *c, "")
}

func refuse(tx *sqlite.Tx, saga string, c *Content) ([]Target, error) {
	if c.Why == "" {
		return nil, httpapi.Unprocessable.With("why is missing")
	}
	return nil, decide(tx, saga, *c, c.Why)
}

// decide notes how an order ended; the first word is the last. The errors are
// httpapi.NotFound and httpapi.KeyReused if there is no such order.
func decide(tx *sqlite.Tx, saga string, c Content, why httpapi.Kind) error {
	o := order.Order{ID: saga, Request: c.request()}
	if err := o.Match(tx); err != nil {
		return err
	}
	const insert = "INSERT INTO decisions (id, why) VALUES (?, ?) ON CONFLICT DO NOTHING"
	_, err := tx.Exec(insert, saga, why)
	return err
}

func (s *Order) post(w http.ResponseWriter, r *http.Request) error {
	o, err := order.Read(w, r)
	if err != nil {
		return err
	}
	waiting, cancel := context.WithTimeout(r.Context(), order.Patience)
	defer cancel()
	err = s.look(waiting, &o)
	if isNew := errors.Is(err, httpapi.NotFound); isNew || err == nil && o.State == order.Pending {
		err = s.wait(waiting, &o, isNew)
	}
	if err != nil {
		return err
	}
	return o.Answer(w)
}

// wait returns when an order is decided, or when the customer's patience or Run ends:
// then it is pending, and was accepted. A new order is written down first.
func (s *Order) wait(ctx context.Context, o *order.Order, isNew bool) error {
	run, first, err := s.places.Begin(ctx, o.ID, places.New)
	if err != nil && isNew {
		return err
	}
	if err != nil { // it is pending; only the waiting needs a place
		return nil
	}
	if first {
		defer run.Drop()
	}
	if err := s.place(ctx, o); err != nil {
		return err
	}
	if o.State == order.Pending {
		run.Wait(ctx)
	}
	err = s.look(context.WithoutCancel(ctx), o)
	if err == nil && isNew && !first && o.State == order.Pending && ctx.Err() == nil {
		return s.wait(ctx, o, false) // the first had another body: its refusal ended the run
	}
	return err
}

// place writes an order down and publishes it, if that was not done before.
func (s *Order) place(ctx context.Context, o *order.Order) error {
	return s.outbox.update(ctx, func(tx *sqlite.Tx) ([]event, error) {
		if err := match(tx, o); !errors.Is(err, httpapi.NotFound) {
			return nil, err
		}
		o.State = order.Pending
		if err := o.Accept(tx); err != nil {
			return nil, err
		}
		if err := o.Save(tx); err != nil {
			return nil, err
		}
		return publish(tx, o.ID, contentOf(*o), "placed to stock")
	})
}

func (s *Order) look(ctx context.Context, o *order.Order) error {
	return s.db.View(ctx, func(tx *sqlite.Tx) error { return match(tx, o) })
}

// match reads how an order stands; see [order.Order.Match]. Where it is between the
// services, none of them can tell.
func match(tx *sqlite.Tx, o *order.Order) error {
	if err := o.Match(tx); err != nil {
		return err
	}
	var why httpapi.Kind
	err := tx.QueryRow("SELECT why FROM decisions WHERE id = ?", o.ID).Scan(&why)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		o.State = order.Pending
		return nil
	case why == "":
		o.State = order.Confirmed
	default:
		o.State, o.Why = order.Refused, why
	}
	return err
}

func (s *Order) get(w http.ResponseWriter, r *http.Request) error {
	o := order.Order{ID: httpapi.Param(r, "id")}
	err := s.db.View(r.Context(), func(tx *sqlite.Tx) error {
		if err := o.Find(tx); err != nil {
			return err
		}
		return match(tx, &o)
	})
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, o)
}
