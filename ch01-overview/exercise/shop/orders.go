// Package shop is chapter 1's shop once more, and as naive, except in two places in
// which a student's functions stand: how order asks another service for a step,
// and what that one does when it is asked.
package shop

import (
	"context"
	"net/http"
	"slices"

	"example.com/dtx/ch01-overview/order"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// orders takes the orders.
type orders struct {
	db     *sqlite.DB
	caller Caller
	ask    Ask
}

// NewOrders returns the service on a database with order.Schema.
func NewOrders(db *sqlite.DB, client *http.Client, ask Ask) http.Handler {
	r := httpapi.NewRouter()
	s := &orders{db, Caller{client}, ask}
	r.Post("/orders", httpapi.Handle(s.post))
	return r
}

func (s *orders) post(w http.ResponseWriter, r *http.Request) error {
	id, err := httpapi.Key(r)
	if err != nil {
		return err
	}
	wanted, err := httpapi.Decode[order.Request](w, r)
	if err != nil {
		return err
	}
	o := order.Order{ID: id, Request: wanted}
	if err := s.place(r.Context(), &o); err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusCreated, o)
}

// place carries an order out: call, call, call, answer.
func (s *orders) place(ctx context.Context, o *order.Order) error {
	if err := s.price(ctx, o); err != nil {
		return err
	}
	all := steps(*o)
	for i, step := range all {
		err := s.ask(ctx, s.caller, o.ID, step)
		if httpapi.OutcomeOf(err) == httpapi.Refused {
			for _, undo := range slices.Backward(all[:i]) {
				_ = s.caller.post(ctx, undo.Undo, o.ID, undo.Amount)
			}
		}
		if err != nil {
			return err
		}
	}
	return s.db.Update(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec("INSERT OR REPLACE INTO orders VALUES (?, ?, ?, ?, ?, ?)",
			o.ID, o.Customer, o.Item, o.Quantity, o.Slot, o.Cents)
		return err
	})
}

func steps(o order.Order) []Step {
	units, cents := Amount{o.Item, o.Quantity}, Amount{o.Customer, o.Cents}
	place := Amount{o.Slot, 1}
	return []Step{
		{"http://stock/take", "http://stock/give-back", units, httpapi.OutOfStock},
		{"http://payment/charge", "http://payment/refund", cents, httpapi.InsufficientFunds},
		{"http://delivery/book", "http://delivery/cancel", place, httpapi.SlotFull},
	}
}

func (s *orders) price(ctx context.Context, o *order.Order) error {
	return s.db.View(ctx, func(tx *sqlite.Tx) error {
		const selectPrice = "SELECT cents * ? FROM prices WHERE item = ?"
		return tx.QueryRow(selectPrice, o.Quantity, o.Item).Scan(&o.Cents)
	})
}
