package isolation

import (
	"context"
	"errors"

	"example.com/dtx/internal/sqlite"
)

// The scripts with other circumstances than those of Cases.
var (
	Cancelled               = cancelled
	RefundFirst, RefundLast = refundFirst, refundLast
	SmallOrder              = looksAtRice(orderByValue, 40)
	MovesEachTime           = moves(loadReread, "south", "north", "south")
	MovesOutOfReach         = moves(loadReread, "west")
)

// OutcomeUnknown is a script whose one step refuses, and it is unknown whether that
// holds.
func OutcomeUnknown(ctx context.Context, s *Shop) (Seen, error) {
	var tale story
	tale.step(ctx, s.stock, "saga", "takes tea", func(*sqlite.Tx) error {
		return errors.Join(sqlite.ErrUnknown, outOfStock)
	})
	return tale.end(false, "")
}

// OrderWhile is a script in which ada orders by value, and meanwhile runs in the
// middle.
func OrderWhile(units int64, meanwhile func(*Shop)) Script {
	return func(ctx context.Context, s *Shop) (Seen, error) {
		var tale story
		orderByValue(ctx, &tale, s, units, func() { meanwhile(s) })
		return tale.end(false, "")
	}
}

// Arrive is a script in which operations of order-1 arrive in this order.
func Arrive(operations ...string) Script {
	return func(ctx context.Context, s *Shop) (Seen, error) {
		var tale story
		for _, operation := range operations {
			tale.step(ctx, s.payment, "saga", operation, func(tx *sqlite.Tx) error {
				if operation == "cancel" {
					return cancelRecorded(tx, "order-1")
				}
				return authorize(tx, "order-1", 500)
			})
		}
		held := read[int64](ctx, &tale, s.payment, heldCents)
		return tale.end(held > 0, "held: %d", held)
	}
}

// Then asks a database of the shop for a text after the script, and returns it
// in place of what is left.
func (script Script) Then(query string, db func(*Shop) *sqlite.DB) Script {
	return func(ctx context.Context, s *Shop) (Seen, error) {
		seen, err := script(ctx, s)
		if err != nil {
			return seen, err
		}
		tale := story{lines: seen.Lines}
		return tale.end(seen.Happened, "%s", read[string](ctx, &tale, db(s), query))
	}
}

// Stock, Payment and Delivery are the shop's databases.
func Stock(s *Shop) *sqlite.DB    { return s.stock }
func Payment(s *Shop) *sqlite.DB  { return s.payment }
func Delivery(s *Shop) *sqlite.DB { return s.delivery }
