package order

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

const (
	callTimeout      = time.Second            // for a step that the order needs
	recommendTimeout = 500 * time.Millisecond // for one that it can do without
)

// place carries out an order, step by step.
func (s *Service) place(ctx context.Context, o *Order) error {
	if err := s.price(ctx, o); err != nil {
		return err
	}
	if err := s.call(ctx, "http://stock/take", o.ID, o.Item, o.Quantity); err != nil {
		return refusal(err, httpapi.OutOfStock)
	}
	if err := s.call(ctx, "http://payment/charge", o.ID, o.Customer, o.Cents); err != nil {
		_ = s.call(ctx, "http://stock/give-back", o.ID, o.Item, o.Quantity)
		return refusal(err, httpapi.InsufficientFunds)
	}
	if err := s.call(ctx, "http://delivery/book", o.ID, o.Slot, 1); err != nil {
		_ = s.call(ctx, "http://payment/refund", o.ID, o.Customer, o.Cents)
		_ = s.call(ctx, "http://stock/give-back", o.ID, o.Item, o.Quantity)
		return refusal(err, httpapi.SlotFull)
	}
	return s.save(ctx, o)
}

// refusal is what the customer is told when a step has failed: a first attempt
// takes every error for a "no".
func refusal(err error, why httpapi.Kind) error {
	if httpapi.OutcomeOf(err) == httpapi.Refused {
		return err
	}
	return why
}

func (s *Service) call(ctx context.Context, url, order, account string, amount int64) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	body := struct {
		Name   string `json:"name"`
		Amount int64  `json:"amount"`
	}{account, amount}
	_, err := httpapi.Post[map[string]any](ctx, s.client, url, order, body)
	return err
}

// price looks up what the order costs.
func (s *Service) price(ctx context.Context, o *Order) error {
	var each int64
	err := s.db.View(ctx, func(tx *sqlite.Tx) error {
		return tx.QueryRow("SELECT cents FROM prices WHERE item = ?", o.Item).Scan(&each)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return httpapi.UnknownItem.With("%q", o.Item)
	}
	if err != nil {
		return err
	}
	o.Cents = each * o.Quantity
	return nil
}

// save writes the order down. A retry of the same order writes it again.
func (s *Service) save(ctx context.Context, o *Order) error {
	return s.db.Update(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec("INSERT OR REPLACE INTO orders VALUES (?, ?, ?, ?, ?, ?)",
			o.ID, o.Customer, o.Item, o.Quantity, o.Slot, o.Cents)
		return err
	})
}

// recommended asks for what goes well with the item. An order is
// complete without an answer, too.
func (s *Service) recommended(ctx context.Context, item string) []string {
	ctx, cancel := context.WithTimeout(ctx, recommendTimeout)
	defer cancel()
	answer, err := httpapi.Get[struct {
		Recommended []string `json:"recommended"`
	}](ctx, s.client, "http://recommend/recommendations/"+url.PathEscape(item))
	if err != nil {
		return nil
	}
	return answer.Recommended
}
