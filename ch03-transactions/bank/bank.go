// Package bank keeps the customers' money in a database of its own.
package bank

import (
	"database/sql"
	"errors"
	"net/http"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the database. Money is in cents; a charge is known by its order.
const Schema = `
CREATE TABLE customers (customer TEXT PRIMARY KEY,
	cents INTEGER NOT NULL CHECK (cents >= 0)) STRICT;
CREATE TABLE charges (id TEXT PRIMARY KEY, customer TEXT NOT NULL REFERENCES customers,
	cents INTEGER NOT NULL CHECK (cents > 0)) STRICT;
INSERT INTO customers VALUES ('ada', 10000), ('bob', 1000);
`

// Charge is what the bank is asked for, in cents.
type Charge struct {
	Customer string `json:"customer"`
	Cents    int64  `json:"cents"`
}

// New returns the service that answers POST /charge, and charges each order
// once, however often it is asked. That it is asked for the same each time, it
// takes on trust.
func New(db *sqlite.DB) http.Handler {
	r := httpapi.NewRouter()
	r.Post("/charge", httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
		id, err := httpapi.Key(r)
		if err != nil {
			return err
		}
		c, err := httpapi.Decode[Charge](w, r)
		if err != nil {
			return err
		}
		if c.Cents < 1 {
			return httpapi.Unprocessable.With("%d cents, want 1 or more", c.Cents)
		}
		err = db.Update(r.Context(), func(tx *sqlite.Tx) error { return charge(tx, id, c) })
		if err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, c)
	}))
	return r
}

func charge(tx *sqlite.Tx, id string, c Charge) error {
	const (
		selectCents = "SELECT cents FROM customers WHERE customer = ?"
		updateCents = "UPDATE customers SET cents = ? WHERE customer = ?"
		count       = "SELECT count(*) FROM charges WHERE id = ?"
	)
	var left int64
	err := tx.QueryRow(selectCents, c.Customer).Scan(&left)
	if errors.Is(err, sql.ErrNoRows) {
		return httpapi.UnknownCustomer.With("%q", c.Customer)
	} else if err != nil {
		return err
	}
	var known int
	if err := tx.QueryRow(count, id).Scan(&known); err != nil || known > 0 {
		return err
	}
	if left < c.Cents {
		return httpapi.InsufficientFunds.With("%d cents left", left)
	}
	if _, err := tx.Exec(updateCents, left-c.Cents, c.Customer); err != nil {
		return err
	}
	_, err = tx.Exec("INSERT INTO charges VALUES (?, ?, ?)", id, c.Customer, c.Cents)
	return err
}
