package monolith

import (
	"context"
	"database/sql"
	"errors"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Request is what a customer wants.
type Request struct {
	Customer string `json:"customer"`
	Item     string `json:"item"`
	Quantity int64  `json:"quantity"`
	Slot     string `json:"slot"`
}

// Order is an order that was carried out, or refused.
type Order struct {
	ID string `json:"id"`
	Request
	Cents       int64        `json:"cents"`             // the price of all
	Refused     httpapi.Kind `json:"refused,omitempty"` // why; empty if it was carried out
	Recommended []string     `json:"recommended,omitempty"`
}

// place carries out an order in one transaction: all of it, or nothing but the
// record that it was refused. Once an order is decided, the same id gets the
// same decision for ever. A request that names what does not exist is no order,
// and not recorded.
func (s *Shop) place(ctx context.Context, id string, wanted Request) (Order, error) {
	o := Order{ID: id, Request: wanted}
	err := s.db.Update(ctx, func(tx *sqlite.Tx) error {
		switch first, err := find(tx, id); {
		case errors.Is(err, httpapi.NotFound): // it is new
		case err != nil:
			return err
		case first.Request != wanted:
			return httpapi.KeyReused.With("%s is another order", id)
		default:
			o = first
			return nil
		}
		if err := carryOut(tx, &o); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO orders
			(id, customer, item, quantity, slot, cents, refused) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			id, o.Customer, o.Item, o.Quantity, o.Slot, o.Cents, o.Refused)
		return err
	})
	if err == nil && o.Refused != "" {
		err = o.Refused.With("order %s", id)
	}
	return o, err
}

// carryOut takes units, money and a place. If one of them is short it takes
// nothing, and notes why.
func carryOut(tx *sqlite.Tx, o *Order) error {
	const (
		selectItem     = "SELECT cents, units FROM items WHERE item = ?"
		selectCustomer = "SELECT cents FROM customers WHERE customer = ?"
		selectSlot     = "SELECT places FROM slots WHERE slot = ?"
	)
	var each, units, balance, places int64
	if err := look(tx, httpapi.UnknownItem, selectItem, o.Item, &each, &units); err != nil {
		return err
	}
	if err := look(tx, httpapi.UnknownCustomer, selectCustomer, o.Customer, &balance); err != nil {
		return err
	}
	if err := look(tx, httpapi.UnknownSlot, selectSlot, o.Slot, &places); err != nil {
		return err
	}
	o.Cents = each * o.Quantity
	switch {
	case units < o.Quantity:
		o.Refused = httpapi.OutOfStock
	case balance < o.Cents:
		o.Refused = httpapi.InsufficientFunds
	case places < 1:
		o.Refused = httpapi.SlotFull
	default:
		return take(tx, o)
	}
	return nil
}

// look reads one row; without it the error is missing.
func look(tx *sqlite.Tx, missing httpapi.Kind, query, name string, fields ...any) error {
	err := tx.QueryRow(query, name).Scan(fields...)
	if errors.Is(err, sql.ErrNoRows) {
		return missing.With("%q", name)
	}
	return err
}

func take(tx *sqlite.Tx, o *Order) error {
	const takeUnits = "UPDATE items SET units = units - ? WHERE item = ?"
	if _, err := tx.Exec(takeUnits, o.Quantity, o.Item); err != nil {
		return err
	}
	const takeCents = "UPDATE customers SET cents = cents - ? WHERE customer = ?"
	if _, err := tx.Exec(takeCents, o.Cents, o.Customer); err != nil {
		return err
	}
	_, err := tx.Exec("UPDATE slots SET places = places - 1 WHERE slot = ?", o.Slot)
	return err
}

// find reads an order; the error is httpapi.NotFound if there is none.
func find(tx *sqlite.Tx, id string) (Order, error) {
	o := Order{ID: id}
	err := tx.QueryRow(`SELECT customer, item, quantity, slot, cents, refused
		FROM orders WHERE id = ?`, id).
		Scan(&o.Customer, &o.Item, &o.Quantity, &o.Slot, &o.Cents, &o.Refused)
	if errors.Is(err, sql.ErrNoRows) {
		return o, httpapi.NotFound.With("no order %s", id)
	}
	return o, err
}
