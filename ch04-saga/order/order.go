// Package order takes the orders, and has each carried out as a saga.
package order

import (
	"context"
	"net/http"

	"github.com/go-json-experiment/json"

	"example.com/dtx/ch04-saga/saga"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the service's database: the orders, and the orchestrator's log.
const Schema = Orders + saga.Schema

// Service answers POST /orders and GET /orders/{id}.
type Service struct {
	http.Handler
	db     *sqlite.DB
	engine *saga.Engine
}

// New returns the service on its database. The client finds the other services
// under their names.
func New(db *sqlite.DB, client *http.Client) *Service {
	r := httpapi.NewRouter()
	s := &Service{r, db, saga.New(db, client)}
	r.Post("/orders", httpapi.Handle(s.post))
	r.Get("/orders/{id}", httpapi.Handle(s.get))
	return s
}

// Run carries out the sagas until ctx is done.
func (s *Service) Run(ctx context.Context) error { return s.engine.Run(ctx) }

func (s *Service) post(w http.ResponseWriter, r *http.Request) error {
	o, err := Read(w, r)
	if err != nil {
		return err
	}
	if err := o.SetPrice(r.Context(), s.db); err != nil {
		return err
	}
	request, err := json.Marshal(o.Request)
	if err != nil {
		return err
	}
	waiting, cancel := context.WithTimeout(r.Context(), Patience)
	defer cancel()
	done, err := s.engine.Carry(waiting, saga.Saga{ID: o.ID, Request: string(request), Steps: steps(o)}, o.Save)
	if err != nil {
		return err
	}
	o.State, o.Why = state(done)
	return o.Answer(w)
}

// steps are what an order asks of the others. What is refused most often comes
// first, what is hardest to undo comes last: a place in tomorrow's van.
func steps(o Order) []saga.Step {
	units, cents, place := saga.Body{Name: o.Item, Amount: o.Quantity}, saga.Body{Name: o.Customer, Amount: o.Cents}, saga.Body{Name: o.Slot, Amount: 1}
	return []saga.Step{
		{Name: "take the units", Do: "http://stock/take", Undo: "http://stock/give-back", Body: units},
		{Name: "authorize the payment", Do: "http://payment/authorize", Undo: "http://payment/void", Body: cents},
		{Name: "book a place", Do: "http://delivery/book", Body: place}, // the pivot
		{Name: "capture the payment", Do: "http://payment/capture", Body: cents},
	}
}

// state is what a customer needs to know of a saga.
func state(s saga.Saga) (State, httpapi.Kind) {
	switch s.State {
	case saga.Done:
		return Confirmed, ""
	case saga.Undoing, saga.Undone:
		return Refused, s.Why
	}
	return Pending, ""
}

func (s *Service) get(w http.ResponseWriter, r *http.Request) error {
	o := Order{ID: httpapi.Param(r, "id")}
	if err := o.find(r.Context(), s.db); err != nil {
		return err
	}
	history, steps, err := s.engine.History(r.Context(), o.ID)
	if err != nil {
		return err
	}
	o.State, o.Why = state(history)
	return httpapi.WriteJSON(w, http.StatusOK, struct {
		Order
		Saga  saga.State      `json:"saga"`
		Steps []saga.Progress `json:"steps"`
	}{o, history.State, steps})
}
