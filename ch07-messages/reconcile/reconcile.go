// Package reconcile compares two ledgers of the same payments, every night: the
// provider's statement of a day, and the shop's own books. It mends what the statement
// settles, and reports the rest to a person.
//
// Both ledgers cut the day by the provider's clock. Two clocks would find a difference
// in each payment around midnight.
package reconcile

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"example.com/dtx/ch07-messages/callback"
	"example.com/dtx/ch07-messages/provider"
	"example.com/dtx/internal/httpapi"
)

// Kind is a sort of difference between the ledgers.
type Kind string

// The kinds of differences.
const (
	Open    Kind = "paid there, open here"    // the lost order: no notification has arrived
	Unknown Kind = "paid there, unknown here" // the worst kind of a lost order
	Failed  Kind = "paid there, failed here"
	NotPaid Kind = "paid here, not there"
	Amount  Kind = "another amount"
	Twice   Kind = "paid twice"
)

// Difference is a payment about which the ledgers do not agree.
type Difference struct {
	Kind        Kind
	ID, Order   string
	There, Here int64 // cents
	Mended      bool
	ToDo        string // what a person has to do; empty if it is mended
}

// Report is what one night has found.
type Report struct {
	Day         string
	There, Here int // payments of that day
	Agreed      int
	Differences []Difference
}

// Nightly reconciles a day. The client finds the provider under the name "provider".
// To do it again finds only what could not be mended.
func Nightly(
	ctx context.Context, day time.Time, shop *callback.Shop, client *http.Client,
) (Report, error) {
	url := "http://provider/statements/" + day.UTC().Format(time.DateOnly)
	s, err := httpapi.Get[provider.Statement](ctx, client, url)
	if err != nil {
		return Report{}, fmt.Errorf("get the statement: %w", err)
	}
	books, err := shop.Books(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("read the shop's books: %w", err)
	}
	r := Compare(s, books)
	for i := range r.Differences {
		r.Differences[i].mend(ctx, s, shop)
	}
	return r, nil
}

// mend applies what the provider says of an open payment: what its notification would
// have done.
func (d *Difference) mend(ctx context.Context, s provider.Statement, shop *callback.Shop) {
	if d.Kind != Open {
		return
	}
	paid := func(p provider.Payment) bool { return p.ID == d.ID }
	err := shop.Apply(ctx, s.Payments[slices.IndexFunc(s.Payments, paid)])
	if d.Mended = err == nil; err != nil {
		d.ToDo = "could not be mended: " + err.Error()
	}
}

// Compare finds every difference between a statement and the shop's books.
func Compare(s provider.Statement, books callback.Books) Report {
	r := Report{Day: s.Day, There: len(s.Payments)}
	ours := map[string]provider.Payment{}
	for _, p := range books.Payments {
		ours[p.ID] = p
	}
	paidBy, seen := map[string]string{}, map[string]bool{}
	for _, p := range s.Payments {
		paidBy[p.Order] = cmp.Or(books.Released[p.Order], paidBy[p.Order], p.ID)
		isSecond := paidBy[p.Order] != p.ID || seen[p.ID]
		seen[p.ID] = true
		r.add(judge(p, ours[p.ID], isSecond))
	}
	for _, p := range books.Payments {
		if p.State != provider.Paid || dayOf(p) != s.Day {
			continue
		}
		if r.Here++; !seen[p.ID] {
			r.add(Difference{
				Kind: NotPaid, ID: p.ID, Order: p.Order, Here: p.Cents,
				ToDo: "stop the delivery, and ask the provider",
			})
		}
	}
	return r
}

// judge compares a paid payment of the statement with the shop's record, which is empty
// if there is none. A second payment is one too many for its order.
func judge(there, here provider.Payment, isSecond bool) Difference {
	d := Difference{ID: there.ID, Order: there.Order, There: there.Cents, Here: here.Cents}
	switch {
	case isSecond:
		d.Kind, d.ToDo = Twice, "pay it back"
	case here.ID == "":
		d.Kind, d.ToDo = Unknown, "find the order, or pay it back"
	case here.Cents != there.Cents:
		d.Kind, d.ToDo = Amount, "agree with the provider on the amount"
	case here.State == provider.Failed:
		d.Kind, d.ToDo = Failed, "ask the provider which of its words holds"
	case here.State == provider.Processing:
		d.Kind = Open
	}
	return d
}

// add counts an agreement, or adds a difference.
func (r *Report) add(d Difference) {
	if d.Kind == "" {
		r.Agreed++
		return
	}
	r.Differences = append(r.Differences, d)
}

// dayOf returns the day of a payment by the provider's clock.
func dayOf(p provider.Payment) string { return time.Unix(p.At, 0).UTC().Format(time.DateOnly) }
