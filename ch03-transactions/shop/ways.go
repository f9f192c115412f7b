package shop

import (
	"context"
	"net/http"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// StatementByStatement returns a shop that commits each statement by itself.
func StatementByStatement(db *sqlite.DB) http.Handler {
	return handler(func(ctx context.Context, id string, o Order) error {
		err := db.Update(ctx, func(tx *sqlite.Tx) error { return takeUnits(tx, o) })
		if err != nil {
			return err
		}
		err = db.Update(ctx, func(tx *sqlite.Tx) error { return takeMoney(tx, o) })
		if err != nil {
			return err
		}
		return db.Update(ctx, func(tx *sqlite.Tx) error { return write(tx, id, o) })
	})
}

// InOneTransaction returns a shop whose orders are one transaction each. An
// order that is there already is confirmed again, and not carried out again.
func InOneTransaction(db *sqlite.DB) http.Handler {
	return handler(func(ctx context.Context, id string, o Order) error {
		return db.Update(ctx, func(tx *sqlite.Tx) error {
			const count = "SELECT count(*) FROM orders WHERE id = ?"
			var known int
			if err := tx.QueryRow(count, id).Scan(&known); err != nil || known > 0 {
				return err
			}
			if err := takeUnits(tx, o); err != nil {
				return err
			}
			if err := takeMoney(tx, o); err != nil {
				return err
			}
			return write(tx, id, o)
		})
	})
}

// bankTimeout is how long the shop waits for the bank.
const bankTimeout = time.Second

// WithBank returns a shop that writes to two databases, one after the other:
// the money is in a bank behind http://bank. No transaction spans both.
func WithBank(db *sqlite.DB, client *http.Client) http.Handler {
	return handler(func(ctx context.Context, id string, o Order) error {
		call, cancel := context.WithTimeout(ctx, bankTimeout)
		defer cancel()
		charge := struct {
			Customer string `json:"customer"`
			Cents    int64  `json:"cents"`
		}{o.Customer, o.Quantity * price}
		_, err := httpapi.Post[struct{}](call, client, "http://bank/charge", id, charge)
		if err != nil {
			return err
		}
		return db.Update(ctx, func(tx *sqlite.Tx) error {
			if err := takeUnits(tx, o); err != nil {
				return err
			}
			return write(tx, id, o)
		})
	})
}
