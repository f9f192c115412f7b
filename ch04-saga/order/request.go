package order

import (
	"database/sql"
	"errors"
	"net/http"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Orders makes the tables that every way to carry out an order needs. Prices
// are in cents.
const Orders = `
CREATE TABLE prices (item TEXT PRIMARY KEY, cents INTEGER NOT NULL) STRICT;
CREATE TABLE orders (id TEXT PRIMARY KEY, customer TEXT NOT NULL,
	item TEXT NOT NULL REFERENCES prices, quantity INTEGER NOT NULL, slot TEXT NOT NULL,
	cents INTEGER NOT NULL) STRICT;
INSERT INTO prices VALUES ('salt', 50), ('tea', 500), ('truffle', 900);
`

// Patience is how long a customer waits before hearing that the order is
// pending.
const Patience = 8 * time.Second

const (
	maxQuantity = 100 // of one order
	maxName     = 64  // bytes; participants take no longer ones
)

// Request is what a customer wants.
type Request struct {
	Customer string `json:"customer"`
	Item     string `json:"item"`
	Quantity int64  `json:"quantity"`
	Slot     string `json:"slot"`
}

// State is what a customer needs to know of an order. Confirmed and Refused are
// final.
type State string

// The states of an order.
const (
	Pending   State = "pending"
	Confirmed State = "confirmed"
	Refused   State = "refused"
)

// Order is an order that was placed.
type Order struct {
	ID string `json:"id"`
	Request
	Cents int64        `json:"cents"` // the price of all
	State State        `json:"state"`
	Why   httpapi.Kind `json:"why,omitzero"` // why it is refused
}

// Read returns the order that a request places.
func Read(w http.ResponseWriter, r *http.Request) (o Order, err error) {
	if o.ID, err = httpapi.Key(r); err != nil {
		return o, err
	}
	if o.Request, err = httpapi.Decode[Request](w, r); err != nil {
		return o, err
	}
	if o.Quantity < 1 {
		return o, httpapi.Unprocessable.With("quantity is %d, want 1 or more", o.Quantity)
	}
	if max(len(o.Customer), len(o.Item), len(o.Slot)) > maxName {
		return o, httpapi.Unprocessable.With("a name has at most %d bytes", maxName)
	}
	return o, nil
}

// Accept judges a new order by today's rules, and looks up what it costs. An order
// that was placed before is not judged again.
func (o *Order) Accept(tx *sqlite.Tx) error {
	if o.Quantity > maxQuantity {
		return httpapi.Unprocessable.With("quantity is %d, at most %d", o.Quantity, maxQuantity)
	}
	// price is the largest integer if no integer holds it, and payment refuses that.
	const price = "SELECT CAST(cents * ? AS INTEGER) FROM prices WHERE item = ?"
	row := tx.QueryRow(price, o.Quantity, o.Item)
	err := row.Scan(&o.Cents)
	if errors.Is(err, sql.ErrNoRows) {
		return httpapi.UnknownItem.With("%q", o.Item)
	}
	return err
}

// Save writes the order down.
func (o Order) Save(tx *sqlite.Tx) error {
	_, err := tx.Exec(`INSERT INTO orders (id, customer, item, quantity, slot, cents)
		VALUES (?, ?, ?, ?, ?, ?)`, o.ID, o.Customer, o.Item, o.Quantity, o.Slot, o.Cents)
	return err
}

// Answer tells the customer: 201 if the order is confirmed, 202 and where to look
// if it is pending; the error is the refusal.
func (o Order) Answer(w http.ResponseWriter) error {
	if o.State == Refused {
		return o.Why.With("order %s", o.ID)
	}
	status := http.StatusCreated
	if o.State == Pending {
		status = http.StatusAccepted
	}
	w.Header().Set("Location", "/orders/"+o.ID)
	return httpapi.WriteJSON(w, status, o)
}

// Match reads what was placed under the order's id. The error is httpapi.KeyReused
// if that is another order, and httpapi.NotFound if there is none.
func (o *Order) Match(tx *sqlite.Tx) error {
	wanted := o.Request
	if err := o.Find(tx); err != nil {
		return err
	}
	if o.Request != wanted {
		return httpapi.KeyReused.With("%s is another order", o.ID)
	}
	return nil
}

// Find reads the order with the id. The error is httpapi.NotFound if there is none.
func (o *Order) Find(tx *sqlite.Tx) error {
	err := tx.QueryRow(
		"SELECT customer, item, quantity, slot, cents FROM orders WHERE id = ?", o.ID,
	).Scan(&o.Customer, &o.Item, &o.Quantity, &o.Slot, &o.Cents)
	if errors.Is(err, sql.ErrNoRows) {
		return httpapi.NotFound.With("no order %s", o.ID)
	}
	return err
}
