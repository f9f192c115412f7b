// Package order takes the orders, and has each carried out as a TCC transaction.
package order

import (
	"context"
	"net/http"

	"example.com/dtx/ch06-tcc/tcc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the service's database: the orders, and the initiator's log.
const Schema = Orders + tcc.Schema

// Service takes orders. For the operator it lists the transactions that are open, and
// those that are parked.
type Service struct {
	http.Handler
	*tcc.Initiator // its Run is the service's
	db             *sqlite.DB
}

// New returns the service on its database.
func New(db *sqlite.DB, initiator *tcc.Initiator) *Service {
	r := httpapi.NewRouter()
	s := &Service{r, initiator, db}
	r.Post("/orders", httpapi.Handle(s.post))
	r.Get("/orders/{id}", httpapi.Answer(s.get))
	r.Get("/open", s.list(false))
	r.Get("/parked", s.list(true))
	r.Post("/parked/{id}/release", httpapi.Answer(s.release))
	return s
}

func (s *Service) post(w http.ResponseWriter, r *http.Request) error {
	o, err := Read(w, r)
	if err != nil {
		return err
	}
	waiting, cancel := context.WithTimeout(r.Context(), Patience)
	defer cancel()
	t, err := s.Execute(waiting, o.ID, tcc.Request{
		Record: func(tx *sqlite.Tx) ([]tcc.Branch, error) {
			if err := o.Accept(tx); err != nil {
				return nil, err
			}
			return o.branches(), o.Save(tx)
		},
		Check: o.Match,
	})
	if err != nil {
		return err
	}
	o.State, o.Why = state(t)
	return o.Answer(w)
}

// branches are what the participants have to reserve.
func (o Order) branches() []tcc.Branch {
	type wanted struct {
		Name   string `json:"name"`
		Amount int64  `json:"amount"`
	}
	return []tcc.Branch{
		{Participant: "stock", Try: wanted{o.Item, o.Quantity}},
		{Participant: "payment", Try: wanted{o.Customer, o.Cents}},
		{Participant: "delivery", Try: wanted{o.Slot, 1}},
	}
}

// state returns what a customer needs to know of a transaction: its decision.
func state(t tcc.Transaction) (State, httpapi.Kind) {
	switch t.State {
	case tcc.Confirming:
		return Confirmed, ""
	case tcc.Cancelling:
		return Refused, t.Why
	}
	return Pending, ""
}

// shown is an order, and the participants that have not acknowledged its decision.
type shown struct {
	Order
	Waiting string `json:"waiting,omitzero"`
}

func (s *Service) get(r *http.Request) (shown, error) {
	o := Order{ID: httpapi.Param(r, "id")}
	t, err := s.Progress(r.Context(), o.ID, o.Find)
	o.State, o.Why = state(t)
	return shown{o, t.Waiting()}, err
}

func (s *Service) release(r *http.Request) (struct{}, error) {
	return struct{}{}, s.Release(r.Context(), httpapi.Param(r, "id"))
}

// list returns a handler that answers with open transactions.
func (s *Service) list(parked bool) http.HandlerFunc {
	return httpapi.Answer(func(r *http.Request) ([]tcc.Entry, error) {
		return s.Open(r.Context(), parked)
	})
}
