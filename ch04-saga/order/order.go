// Package order takes the orders, and has each carried out as a saga.
package order

import (
	"context"
	"net/http"

	"example.com/dtx/ch04-saga/saga"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the service's database: the orders, and the orchestrator's log.
const Schema = Orders + saga.Schema

// Orchestrator carries out the sagas, as a saga.Orchestrator does.
type Orchestrator interface {
	Execute(ctx context.Context, id string, request saga.Request) (saga.Saga, error)
	Progress(ctx context.Context, id string) (s saga.Saga, step string, err error)
	Open(ctx context.Context, parked bool) ([]saga.Entry, error)
	Release(ctx context.Context, id string) error
	Run(context.Context) error
}

// Service takes orders. For the operator it lists the sagas that are open, and
// those that are parked.
type Service struct {
	http.Handler
	Orchestrator // its Run is the service's
	db           *sqlite.DB
}

// New returns the service on its database.
func New(db *sqlite.DB, orchestrator Orchestrator) *Service {
	r := httpapi.NewRouter()
	s := &Service{r, orchestrator, db}
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
	done, err := s.Execute(waiting, o.ID, saga.Request{
		Record: func(tx *sqlite.Tx) ([]saga.Step, error) {
			if err := o.Accept(tx); err != nil {
				return nil, err
			}
			return steps(o), o.Save(tx)
		},
		Check: o.Match,
	})
	if err != nil {
		return err
	}
	o.State, o.Why = state(done)
	return o.Answer(w)
}

// steps are what an order needs of the other services. What is refused most often
// comes first; what cannot be compensated, a place in tomorrow's van, comes last.
func steps(o Order) []saga.Step {
	units := saga.Body{Name: o.Item, Amount: o.Quantity}
	cents := saga.Body{Name: o.Customer, Amount: o.Cents}
	place := saga.Body{Name: o.Slot, Amount: 1}
	return []saga.Step{
		{Name: "take the units", Body: units,
			Forward: "http://stock/take", Compensation: "http://stock/give-back"},
		{Name: "authorize the payment", Body: cents,
			Forward: "http://payment/authorize", Compensation: "http://payment/void"},
		{Name: "book a place", Body: place, Forward: "http://delivery/book"}, // the pivot
		{Name: "capture the payment", Body: cents, Forward: "http://payment/capture"},
	}
}

// state returns what a customer needs to know of a saga.
func state(s saga.Saga) (State, httpapi.Kind) {
	switch s.State {
	case saga.Done:
		return Confirmed, ""
	case saga.Compensating, saga.Compensated:
		return Refused, s.Why
	}
	return Pending, ""
}

// shown is an order, and how far its saga is.
type shown struct {
	Order
	Saga saga.State `json:"saga"`
	Step string     `json:"step,omitzero"` // the step that is being called or compensated
}

func (s *Service) get(r *http.Request) (shown, error) {
	o := Order{ID: httpapi.Param(r, "id")}
	if err := s.db.View(r.Context(), o.Find); err != nil {
		return shown{}, err
	}
	progress, step, err := s.Progress(r.Context(), o.ID)
	o.State, o.Why = state(progress)
	return shown{o, progress.State, step}, err
}

func (s *Service) release(r *http.Request) (struct{}, error) {
	return struct{}{}, s.Release(r.Context(), httpapi.Param(r, "id"))
}

// list returns a handler that answers with open sagas.
func (s *Service) list(parked bool) http.HandlerFunc {
	return httpapi.Answer(func(r *http.Request) ([]saga.Entry, error) {
		return s.Open(r.Context(), parked)
	})
}
