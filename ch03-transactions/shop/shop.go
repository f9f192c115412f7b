// Package shop is the smallest shop. It can place an order in three ways: as
// three statements, as one transaction, and with the money in a bank that is a
// service of its own.
package shop

import (
	"context"
	"net/http"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the database. Money is in cents.
const Schema = `
CREATE TABLE items (item TEXT PRIMARY KEY, units INTEGER NOT NULL CHECK (units >= 0)) STRICT;
CREATE TABLE customers (customer TEXT PRIMARY KEY,
	cents INTEGER NOT NULL CHECK (cents >= 0)) STRICT;
CREATE TABLE orders (id TEXT PRIMARY KEY, customer TEXT NOT NULL REFERENCES customers,
	item TEXT NOT NULL REFERENCES items, quantity INTEGER NOT NULL CHECK (quantity > 0)) STRICT;
INSERT INTO items VALUES ('tea', 10), ('truffle', 1);
INSERT INTO customers VALUES ('ada', 10000), ('bob', 1000);
`

const (
	price       = 500 // of any item, in cents
	maxQuantity = 100 // of one order
)

// Order is what a customer wants.
type Order struct {
	Customer string `json:"customer"`
	Item     string `json:"item"`
	Quantity int64  `json:"quantity"`
	Slot     string `json:"slot"` // this shop does not deliver
}

// placing carries out an order, whose id is its Idempotency-Key.
type placing func(ctx context.Context, id string, o Order) error

// handler answers POST /orders.
func handler(place placing) http.Handler {
	r := httpapi.NewRouter()
	r.Post("/orders", httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
		id, err := httpapi.Key(r)
		if err != nil {
			return err
		}
		o, err := httpapi.Decode[Order](w, r)
		if err != nil {
			return err
		}
		if o.Quantity < 1 || o.Quantity > maxQuantity {
			const outside = "quantity is %d, want 1 to %d"
			return httpapi.Unprocessable.With(outside, o.Quantity, maxQuantity)
		}
		if err := place(r.Context(), id, o); err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusCreated, o)
	}))
	return r
}

// takeUnits, takeMoney and write are the three statements of an order.

func takeUnits(tx *sqlite.Tx, o Order) error {
	const update = "UPDATE items SET units = units - ? WHERE item = ? AND units >= ?"
	return take(tx, httpapi.OutOfStock, update, o.Quantity, o.Item, o.Quantity)
}

func takeMoney(tx *sqlite.Tx, o Order) error {
	const update = "UPDATE customers SET cents = cents - ? WHERE customer = ? AND cents >= ?"
	cents := o.Quantity * price
	return take(tx, httpapi.InsufficientFunds, update, cents, o.Customer, cents)
}

func write(tx *sqlite.Tx, id string, o Order) error {
	_, err := tx.Exec("INSERT INTO orders VALUES (?, ?, ?, ?)", id, o.Customer, o.Item, o.Quantity)
	return err
}

// take runs an update that changes one row, or none if too little is left.
func take(tx *sqlite.Tx, short httpapi.Kind, query string, args ...any) error {
	result, err := tx.Exec(query, args...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return short
}
