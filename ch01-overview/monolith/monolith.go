// Package monolith is the whole shop in one process with one database: an order
// is one transaction.
package monolith

import (
	"net/http"

	"example.com/dtx/ch01-overview/recommend"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the database. Money is in cents.
const Schema = `
CREATE TABLE items (item TEXT PRIMARY KEY, cents INTEGER NOT NULL, units INTEGER NOT NULL) STRICT;
CREATE TABLE customers (customer TEXT PRIMARY KEY, cents INTEGER NOT NULL) STRICT;
CREATE TABLE slots (slot TEXT PRIMARY KEY, places INTEGER NOT NULL) STRICT;
CREATE TABLE orders (id TEXT PRIMARY KEY, customer TEXT NOT NULL, item TEXT NOT NULL,
	quantity INTEGER NOT NULL, slot TEXT NOT NULL, cents INTEGER NOT NULL,
	refused TEXT NOT NULL) STRICT;
INSERT INTO items VALUES ('salt', 50, 100), ('tea', 500, 10), ('truffle', 900, 1);
INSERT INTO customers VALUES ('ada', 10000), ('bob', 1000);
INSERT INTO slots VALUES ('any-day', 100), ('mon-am', 5), ('sat-pm', 1), ('sun-am', 0);
`

// maxQuantity bounds one order.
const maxQuantity = 100

// Shop answers what the services of the other variant answer together.
type Shop struct {
	http.Handler
	db *sqlite.DB
}

// New returns the shop on its database.
func New(db *sqlite.DB) *Shop {
	r := httpapi.NewRouter()
	s := &Shop{r, db}
	r.Post("/orders", httpapi.Handle(s.post))
	r.Get("/orders/{id}", httpapi.Handle(s.get))
	r.Get("/items", httpapi.Handle(s.list("SELECT item, units FROM items ORDER BY item")))
	r.Get("/customers",
		httpapi.Handle(s.list("SELECT customer, cents FROM customers ORDER BY customer")))
	r.Get("/slots", httpapi.Handle(s.list("SELECT slot, places FROM slots ORDER BY slot")))
	r.Mount("/", recommend.New(recommend.GoesWith))
	return s
}

func (s *Shop) post(w http.ResponseWriter, r *http.Request) error {
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
	o, err := s.place(r.Context(), id, wanted)
	if err != nil {
		return err
	}
	o.Recommended = recommend.GoesWith(o.Item)
	w.Header().Set("Location", "/orders/"+id)
	return httpapi.WriteJSON(w, http.StatusCreated, o)
}

func (s *Shop) get(w http.ResponseWriter, r *http.Request) error {
	var o Order
	err := s.db.View(r.Context(), func(tx *sqlite.Tx) (err error) {
		o, err = find(tx, httpapi.Param(r, "id"))
		return err
	})
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, o)
}

// account is a name and what is left in it.
type account struct {
	Name   string `json:"name"`
	Amount int64  `json:"amount"`
}

func (s *Shop) list(query string) func(w http.ResponseWriter, r *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		accounts := []account{}
		err := s.db.View(r.Context(), func(tx *sqlite.Tx) error {
			rows, err := tx.Query(query)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var a account
				if err := rows.Scan(&a.Name, &a.Amount); err != nil {
					return err
				}
				accounts = append(accounts, a)
			}
			return rows.Err()
		})
		if err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, accounts)
	}
}
