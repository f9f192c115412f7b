// Package order takes the orders and asks the other services to carry them out.
//
// It is a first attempt, as most are: call, call, call, answer. It even undoes
// what was done when a later step is refused. What is missing only shows when
// something fails.
package order

import (
	"database/sql"
	"errors"
	"net/http"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the service's database. Prices are in cents.
const Schema = `
CREATE TABLE prices (item TEXT PRIMARY KEY, cents INTEGER NOT NULL) STRICT;
CREATE TABLE orders (id TEXT PRIMARY KEY, customer TEXT NOT NULL,
	item TEXT NOT NULL REFERENCES prices, quantity INTEGER NOT NULL, slot TEXT NOT NULL,
	cents INTEGER NOT NULL) STRICT;
INSERT INTO prices VALUES ('salt', 50), ('tea', 500), ('truffle', 900);
`

// maxQuantity bounds one order.
const maxQuantity = 100

// Service answers POST /orders and GET /orders/{id}.
type Service struct {
	http.Handler
	db     *sqlite.DB
	client *http.Client
}

// New returns the service on its database. The client finds the other services
// under their names.
func New(db *sqlite.DB, client *http.Client) *Service {
	r := httpapi.NewRouter()
	s := &Service{r, db, client}
	r.Post("/orders", httpapi.Handle(s.post))
	r.Get("/orders/{id}", httpapi.Handle(s.get))
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
	Cents       int64    `json:"cents"` // the price of all
	Recommended []string `json:"recommended,omitempty"`
}

func (s *Service) post(w http.ResponseWriter, r *http.Request) error {
	id, err := httpapi.Key(r)
	if err != nil {
		return err
	}
	wanted, err := httpapi.Decode[Request](w, r)
	if err != nil {
		return err
	}
	if wanted.Quantity < 1 || wanted.Quantity > maxQuantity {
		const outside = "quantity is %d, want 1 to %d"
		return httpapi.Unprocessable.With(outside, wanted.Quantity, maxQuantity)
	}
	o := Order{ID: id, Request: wanted}
	if err := s.place(r.Context(), &o); err != nil {
		return err
	}
	o.Recommended = s.recommended(r.Context(), o.Item)
	w.Header().Set("Location", "/orders/"+id)
	return httpapi.WriteJSON(w, http.StatusCreated, o)
}

func (s *Service) get(w http.ResponseWriter, r *http.Request) error {
	o := Order{ID: httpapi.Param(r, "id")}
	err := s.db.View(r.Context(), func(tx *sqlite.Tx) error {
		const selectOrder = "SELECT customer, item, quantity, slot, cents FROM orders WHERE id = ?"
		return tx.QueryRow(selectOrder, o.ID).
			Scan(&o.Customer, &o.Item, &o.Quantity, &o.Slot, &o.Cents)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return httpapi.NotFound.With("no order %s", o.ID)
	}
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, o)
}
