package order

import (
	"context"
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
CREATE TABLE orders (id TEXT PRIMARY KEY, customer TEXT NOT NULL, item TEXT NOT NULL REFERENCES prices,
	quantity INTEGER NOT NULL, slot TEXT NOT NULL, cents INTEGER NOT NULL) STRICT;
INSERT INTO prices VALUES ('salt', 50), ('tea', 500), ('truffle', 900);
`

// Patience is how long a customer waits before hearing that the order is
// pending.
const Patience = 8 * time.Second

const (
	maxQuantity = 100 // of one order
	maxName     = 64  // bytes: participants tell names again, and an answer is bounded, too
)

// Request is what a customer wants.
type Request struct {
	Customer string `json:"customer"`
	Item     string `json:"item"`
	Quantity int64  `json:"quantity"`
	Slot     string `json:"slot"`
}

// State is what a customer needs to know of an order.
type State string

// The states of an order. The last two are for ever.
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
	Why   httpapi.Kind `json:"why,omitzero"` // it is refused
}

// Read returns the order that a request places.
func Read(w http.ResponseWriter, r *http.Request) (o Order, err error) {
	if o.ID, err = httpapi.Key(r); err != nil {
		return o, err
	}
	if o.Request, err = httpapi.Decode[Request](w, r); err != nil {
		return o, err
	}
	if o.Quantity < 1 || o.Quantity > maxQuantity {
		return o, httpapi.Unprocessable.With("quantity is %d, want 1 to %d", o.Quantity, maxQuantity)
	}
	if max(len(o.Customer), len(o.Item), len(o.Slot)) > maxName {
		return o, httpapi.Unprocessable.With("a name has at most %d bytes", maxName)
	}
	return o, nil
}

// SetPrice looks up what the order costs: the price at which it was placed, if it
// was placed before.
func (o *Order) SetPrice(ctx context.Context, db *sqlite.DB) error {
	err := db.View(ctx, func(tx *sqlite.Tx) error {
		return tx.QueryRow("SELECT coalesce((SELECT cents FROM orders WHERE id = ?), cents * ?) FROM prices WHERE item = ?",
			o.ID, o.Quantity, o.Item).Scan(&o.Cents)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return httpapi.UnknownItem.With("%q", o.Item)
	}
	return err
}

// Save writes the order down.
func (o Order) Save(tx *sqlite.Tx) error {
	_, err := tx.Exec("INSERT INTO orders (id, customer, item, quantity, slot, cents) VALUES (?, ?, ?, ?, ?, ?)",
		o.ID, o.Customer, o.Item, o.Quantity, o.Slot, o.Cents)
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

func (o *Order) find(ctx context.Context, db *sqlite.DB) error {
	err := db.View(ctx, func(tx *sqlite.Tx) error {
		return tx.QueryRow("SELECT customer, item, quantity, slot, cents FROM orders WHERE id = ?", o.ID).
			Scan(&o.Customer, &o.Item, &o.Quantity, &o.Slot, &o.Cents)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return httpapi.NotFound.With("no order %s", o.ID)
	}
	return err
}
