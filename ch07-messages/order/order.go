// Package order takes the orders, publishes each, and hears from the other services how
// it ended.
package order

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"sync"

	"example.com/dtx/ch07-messages/broker"
	"example.com/dtx/ch07-messages/messages"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/places"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the service's database.
const Schema = Orders + messages.Schema + `
CREATE TABLE decisions (id TEXT PRIMARY KEY REFERENCES orders,
	why TEXT NOT NULL) STRICT; -- empty if the order is confirmed
`

// maxWaiting bounds the orders whose customers wait for an answer.
const maxWaiting = 256

// Service takes the orders.
type Service struct {
	http.Handler
	messages *messages.Service
	db       *sqlite.DB
	places   *places.Places[struct{}] // one for each order whose customer waits
}

// New returns the service on its database.
func New(db *sqlite.DB, client *http.Client) *Service {
	router := httpapi.NewRouter()
	s := &Service{Handler: router, db: db, places: places.Make[struct{}](maxWaiting, 0)}
	s.messages = messages.New("order", db, broker.Client{HTTP: client},
		map[string]messages.Reaction{"booked": confirm, "not-taken": refuse}, s.wakeUp)
	s.messages.Route(router)
	router.Post("/orders", httpapi.Handle(s.post))
	router.Get("/orders/{id}", httpapi.Handle(s.get))
	return s
}

// Run publishes and consumes until ctx is done.
func (s *Service) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { s.places.Run(ctx, nil) }) // nothing is handed over: its end ends the waiting
	return s.messages.Run(ctx)
}

// wakeUp tells the customers who wait for an order.
func (s *Service) wakeUp(id string) {
	if r := s.places.Find(id); r != nil {
		r.Decide(struct{}{})
	}
}

func (s *Service) post(w http.ResponseWriter, r *http.Request) error {
	o, err := Read(w, r)
	if err != nil {
		return err
	}
	waiting, cancel := context.WithTimeout(r.Context(), Patience)
	defer cancel()
	err = s.look(waiting, &o)
	if isNew := errors.Is(err, httpapi.NotFound); isNew || err == nil && o.State == Pending {
		err = s.wait(waiting, &o, isNew)
	}
	if err != nil {
		return err
	}
	return o.Answer(w)
}

// wait returns when an order is decided, or when the customer's patience or Run ends:
// then it is pending, and was accepted. A new order is written down first.
func (s *Service) wait(ctx context.Context, o *Order, isNew bool) error {
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
	if o.State == Pending {
		run.Wait(ctx)
	}
	err = s.look(context.WithoutCancel(ctx), o)
	if err == nil && isNew && !first && o.State == Pending && ctx.Err() == nil {
		return s.wait(ctx, o, false) // the first had another body: its refusal ended the run
	}
	return err
}

// place writes a new order down, with the event that says so.
func (s *Service) place(ctx context.Context, o *Order) error {
	err := s.db.Update(ctx, func(tx *sqlite.Tx) error {
		if err := match(tx, o); !errors.Is(err, httpapi.NotFound) {
			return err
		}
		o.State = Pending
		if err := o.Accept(tx); err != nil {
			return err
		}
		if err := o.Save(tx); err != nil {
			return err
		}
		return s.messages.Publish(tx, o.ID, o.content(), "placed")
	})
	if err == nil {
		s.messages.Published()
	}
	return err
}

func (s *Service) look(ctx context.Context, o *Order) error {
	return s.db.View(ctx, func(tx *sqlite.Tx) error { return match(tx, o) })
}

// match reads how an order stands; see [Order.Match]. Where it is between the services,
// none of them can tell.
func match(tx *sqlite.Tx, o *Order) error {
	if err := o.Match(tx); err != nil {
		return err
	}
	err := tx.QueryRow("SELECT why FROM decisions WHERE id = ?", o.ID).Scan(&o.Why)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		o.State = Pending
		return nil
	case o.Why == "":
		o.State = Confirmed
	default:
		o.State = Refused
	}
	return err
}

func (s *Service) get(w http.ResponseWriter, r *http.Request) error {
	o := Order{ID: httpapi.Param(r, "id")}
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
