package lab

import (
	"context"
	"errors"
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
	text := func(s *string) []any { return []any{s} }
	return errors.Join(
		rows(tx, &l.Balances, "Balances", q.Balances, "3 are needed: kind, account, amount",
			func(b *Balance) []any { return []any{&b.Kind, &b.Account, &b.Amount} }),
		rows(tx, &l.Effects, "Effects", q.Effects, "4 are needed: kind, order, account, amount",
			func(e *Effect) []any { return []any{&e.Kind, &e.Order, &e.Account, &e.Amount} }),
		rows(tx, &l.Stuck, "Stuck", q.Stuck, "1 is needed: a text", text),
		rows(tx, &l.Parked, "Parked", q.Parked, "1 is needed: a text", text),
	)
}

// Add adds what another service's database says.
func (l *Ledger) Add(part Ledger) {
	l.Balances, l.Effects = append(l.Balances, part.Balances...), append(l.Effects, part.Effects...)
	l.Stuck, l.Parked = append(l.Stuck, part.Stuck...), append(l.Parked, part.Parked...)
}

// rows adds every row of a query to a list. The fields of a T are its columns. If it has
// others, the error says what is needed: also if there is no row.
func rows[T any](tx *sqlite.Tx, list *[]T, name, query, need string, fields func(*T) []any) error {
	if query == "" {
		return nil
	}
	r, err := tx.Query(query)
	if err != nil {
		return fmt.Errorf("lab.Queries.%s: %w", name, err)
	}
	defer r.Close()
	got, err := r.Columns()
	if err == nil && len(got) != len(fields(new(T))) {
		err = fmt.Errorf("lab.Queries.%s returns %d columns; %s", name, len(got), need)
	}
	for err == nil && r.Next() {
		var row T
		err = r.Scan(fields(&row)...)
		*list = append(*list, row)
	}
	return errors.Join(err, r.Err())
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
