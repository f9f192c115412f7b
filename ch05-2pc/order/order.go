// Package order takes the orders, and coordinates the transactions that carry
// them out.
package order

import (
	"context"
	"net/http"

	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the service's database. Prices are in cents. An order that was
// refused has the kind of its refusal.
const Schema = twopc.Schema + `
CREATE TABLE prices (item TEXT PRIMARY KEY, cents INTEGER NOT NULL) STRICT;
CREATE TABLE orders (id TEXT PRIMARY KEY, customer TEXT NOT NULL,
	item TEXT NOT NULL REFERENCES prices, quantity INTEGER NOT NULL, slot TEXT NOT NULL,
	cents INTEGER NOT NULL, refused TEXT NOT NULL, detail TEXT NOT NULL) STRICT;
INSERT INTO prices VALUES ('leaflet', 0), ('salt', 50), ('tea', 500), ('truffle', 900);
`

const (
	maxQuantity = 100 // of one order
	maxName     = 64  // bytes: participants tell names again, and an answer is bounded, too
	maxID       = 40  // bytes of an order's id: a transaction's, which is longer, is a key, too
)

// Coordinator runs the transactions, as a twopc.Coordinator does.
type Coordinator interface {
	Commit(ctx context.Context, order string, branches []twopc.Branch, record twopc.Record) error
	Outcome(ctx context.Context, id string) (twopc.State, error)
	Open(ctx context.Context, parked bool) ([]twopc.Entry, error)
	Release(ctx context.Context, id string) error
	Run(context.Context) error
}

// Service answers POST /orders and GET /orders/{id}, the participants' inquiries
// (GET /transactions/{id}), and the operator: GET /open and GET /parked list the
// decisions that are not carried out everywhere, POST /parked/{id}/release has one
// tried again.
type Service struct {
	http.Handler
	Coordinator // its Run is the service's
	db          *sqlite.DB
}

// New returns the service on its database.
func New(db *sqlite.DB, coordinator Coordinator) *Service {
	r := httpapi.NewRouter()
	s := &Service{r, coordinator, db}
	r.Post("/orders", httpapi.Handle(s.post))
	r.Get("/orders/{id}", httpapi.Answer(s.get))
	r.Get("/transactions/{id}", httpapi.Answer(s.inquiry))
	r.Get("/open", s.list(false))
	r.Get("/parked", s.list(true))
	r.Post("/parked/{id}/release", httpapi.Answer(s.release))
	return s
}

// Request is what a customer wants.
type Request struct {
	Customer string `json:"customer"`
	Item     string `json:"item"`
	Quantity int64  `json:"quantity"`
	Slot     string `json:"slot"`
}

// Order is an order that was carried out.
type Order struct {
	ID string `json:"id"`
	Request
	Cents int64 `json:"cents"` // the price of all
}

// check judges an order that is not known yet: what is known has its answer.
func (wanted Request) check() error {
	if wanted.Quantity < 1 || wanted.Quantity > maxQuantity {
		const outside = "quantity is %d, want 1 to %d"
		return httpapi.Unprocessable.With(outside, wanted.Quantity, maxQuantity)
	}
	if max(len(wanted.Customer), len(wanted.Item), len(wanted.Slot)) > maxName {
		return httpapi.Unprocessable.With("a name has at most %d bytes", maxName)
	}
	return nil
}

func (s *Service) post(w http.ResponseWriter, r *http.Request) error {
	id, err := httpapi.Key(r)
	if err != nil {
		return err
	}
	if len(id) > maxID {
		return httpapi.Malformed.With("an order's Idempotency-Key has at most %d characters", maxID)
	}
	wanted, err := httpapi.Decode[Request](w, r)
	if err != nil {
		return err
	}
	o, err := s.place(r.Context(), Order{ID: id, Request: wanted})
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/orders/"+id)
	return httpapi.WriteJSON(w, http.StatusCreated, o)
}

// shown is an order that is decided, and how far it has got.
type shown struct {
	Order
	State   string `json:"state"`
	Waiting string `json:"waiting,omitzero"` // participants that have not acknowledged yet
	Refused string `json:"refused,omitzero"`
}

func (s *Service) get(r *http.Request) (shown, error) {
	k, err := s.find(r.Context(), httpapi.Param(r, "id"))
	state := "confirmed"
	if k.refused != "" {
		state = "refused"
	}
	return shown{k.Order, state, k.waiting, k.refused}, err
}

func (s *Service) inquiry(r *http.Request) (twopc.Answer, error) {
	state, err := s.Outcome(r.Context(), httpapi.Param(r, "id"))
	return twopc.Answer{State: state}, err
}

// list returns a handler that answers with open decisions.
func (s *Service) list(parked bool) http.HandlerFunc {
	return httpapi.Answer(func(r *http.Request) ([]twopc.Entry, error) {
		return s.Open(r.Context(), parked)
	})
}

func (s *Service) release(r *http.Request) (struct{}, error) {
	return struct{}{}, s.Release(r.Context(), httpapi.Param(r, "id"))
}
