package lab

import (
	"context"
	"fmt"

	"example.com/dtx/internal/sqlite"
)

// Queries say how to read a service's ledger from its database. An empty query
// returns nothing. An effect lowers the balance of its kind and account by its amount.
type Queries struct {
	Balances string // kind, account, amount
	Effects  string // kind, order (its key), account, amount
	Stuck    string // one text a row: what should not be there once all is at rest
	Parked   string // one text a row: what is set aside, and, after the last ': ', why
}

// Balance is what is left: units of an item, a customer's cents, places in a slot.
type Balance struct {
	Kind, Account string
	Amount        int64
}

// Effect is what was done for an order. An effect that was undone is either
// gone or balanced by a negative one.
type Effect struct {
	Kind, Order, Account string
	Amount               int64
}

// happened says what an effect of this kind and this amount is in the shop.
func (e Effect) happened(amount int64) string {
	switch {
	case amount < 0:
	case e.Kind == "payment":
		return fmt.Sprintf("%s paid %d.%02d €", e.Account, amount/100, amount%100)
	case e.Kind == "stock":
		return fmt.Sprintf("%d of %s left the stock", amount, e.Account)
	case e.Kind == "delivery" && amount == 1:
		return "a place in " + e.Account + " is taken"
	}
	return fmt.Sprintf("%s %s %d", e.Kind, e.Account, amount)
}

// Ledger is what the databases say.
type Ledger struct {
	Balances []Balance
	Effects  []Effect
	Stuck    []string
	Parked   []string
}

// Reader runs fn on what a service's database holds, not through the service.
type Reader func(ctx context.Context, service string, fn func(*sqlite.Tx) error) error

// Files reads databases past their owners; path says where each service has its.
func Files(path func(service string) string) Reader {
	return func(ctx context.Context, service string, fn func(*sqlite.Tx) error) error {
		return sqlite.Inspect(ctx, path(service), fn)
	}
}

// read adds what one service's database says.
func (l *Ledger) read(tx *sqlite.Tx, q Queries) error {
	balances, err := rows(tx, q.Balances, func(b *Balance) []any {
		return []any{&b.Kind, &b.Account, &b.Amount}
	})
	if err != nil {
		return err
	}
	effects, err := rows(tx, q.Effects, func(e *Effect) []any {
		return []any{&e.Kind, &e.Order, &e.Account, &e.Amount}
	})
	if err != nil {
		return err
	}
	stuck, err := rows(tx, q.Stuck, func(s *string) []any { return []any{s} })
	if err != nil {
		return err
	}
	parked, err := rows(tx, q.Parked, func(s *string) []any { return []any{s} })
	l.Add(Ledger{balances, effects, stuck, parked})
	return err
}

// Add adds what another service's database says.
func (l *Ledger) Add(part Ledger) {
	l.Balances, l.Effects = append(l.Balances, part.Balances...), append(l.Effects, part.Effects...)
	l.Stuck, l.Parked = append(l.Stuck, part.Stuck...), append(l.Parked, part.Parked...)
}

// rows reads every row of a query into a T, whose columns fields names.
func rows[T any](tx *sqlite.Tx, query string, fields func(*T) []any) (list []T, err error) {
	if query == "" {
		return nil, nil
	}
	r, err := tx.Query(query)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	for r.Next() {
		var row T
		if err := r.Scan(fields(&row)...); err != nil {
			return nil, err
		}
		list = append(list, row)
	}
	return list, r.Err()
}

// ReadLedger reads the ledgers of a variant's services.
func ReadLedger(ctx context.Context, v Variant, read Reader) (Ledger, error) {
	var l Ledger
	for _, s := range v.Services {
		part, err := s.ReadLedger(ctx, read)
		if err != nil {
			return Ledger{}, fmt.Errorf("audit %s: %w", s.Name, err)
		}
		l.Add(part)
	}
	return l, nil
}

// ReadLedger reads what one service's databases say.
func (s Service) ReadLedger(ctx context.Context, read Reader) (l Ledger, err error) {
	if s.Ledger != nil {
		if l, err = s.Ledger(ctx); err != nil {
			return l, err
		}
	}
	if !s.HasDatabase() {
		return l, nil
	}
	err = read(ctx, s.Name, func(tx *sqlite.Tx) error { return l.read(tx, s.Queries) })
	return l, err
}

// Amount returns the amount of the same account.
func (l Ledger) Amount(of Balance) int64 {
	for _, b := range l.Balances {
		if b.Kind == of.Kind && b.Account == of.Account {
			return b.Amount
		}
	}
	return 0
}
