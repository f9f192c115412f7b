package isolation

import (
	"context"
	"slices"

	"example.com/dtx/internal/sqlite"
)

// refundFirst cancels an order with the steps that please the customer.
func refundFirst(s *Shop) []step { return []step{refundBob(s), recallParcel(s)} }

// refundLast refunds in the last step: the refund is never compensated, so bob sees no
// money that may be taken back.
func refundLast(s *Shop) []step { return []step{recallParcel(s), refundBob(s)} }

func pessimisticView() Case {
	return Case{
		Anomaly: "money spent already", Countermeasure: "pessimistic view",
		What: "Bob cancels an order: the shop refunds the money, and then tries to call the " +
			"parcel back, too late. In between he goes shopping.",
		Question: "Does bob have both the parcel and the money for it?",
		Without:  cancelled(refundFirst, "sent"),
		With:     cancelled(refundLast, "sent"),
	}
}

// cancelled: bob cancels an order whose parcel is in this state, and spends the
// 500 cents as soon as he has them.
func cancelled(saga func(*Shop) []step, parcel string) Script {
	const (
		stateOf    = "SELECT state FROM parcels WHERE order_id = 'order-1'"
		refundedOf = "SELECT coalesce(sum(cents), 0) FROM refunds WHERE order_id = 'order-1'"
	)
	return func(ctx context.Context, s *Shop) (Seen, error) {
		var tale story
		has := "has a parcel for bob: " + parcel
		tale.step(ctx, s.delivery, "shop", has, func(tx *sqlite.Tx) error {
			_, err := tx.Exec("INSERT INTO parcels VALUES ('order-1', 'south', 'south', ?)", parcel)
			return err
		})
		perform(ctx, &tale, saga(s), func() {
			tale.step(ctx, s.payment, "bob", "buys something for 500 cents", debitBob)
		})
		state := read[string](ctx, &tale, s.delivery, stateOf)
		refunded := read[int64](ctx, &tale, s.payment, refundedOf)
		return tale.end(state != "returned" && refunded > 0,
			"the parcel is %s, refunded: %d cents", state, refunded)
	}
}

// step is a part of a saga, and its compensation. A step after which nothing is
// refused has none.
type step struct {
	db       *sqlite.DB
	does     string
	do, undo func(*sqlite.Tx) error
}

// perform runs a saga, and calls meanwhile after its first step.
func perform(ctx context.Context, tale *story, saga []step, meanwhile func()) {
	for i, st := range saga {
		no := tale.step(ctx, st.db, "saga", st.does, st.do)
		if i == 0 {
			meanwhile()
		}
		if no != "" {
			for _, done := range slices.Backward(saga[:i]) {
				tale.step(ctx, done.db, "saga", "undo: "+done.does, done.undo)
			}
			return
		}
	}
}

func recallParcel(s *Shop) step {
	const recall = `UPDATE parcels SET state = 'returned'
		WHERE order_id = 'order-1' AND state = 'packed'`
	return step{db: s.delivery, does: "calls the parcel back", do: func(tx *sqlite.Tx) error {
		return refusal("too late").ifNone(tx.Exec(recall))
	}}
}

func refundBob(s *Shop) step {
	return step{db: s.payment, does: "refunds bob 500 cents", do: func(tx *sqlite.Tx) error {
		if _, err := tx.Exec("INSERT INTO refunds VALUES ('order-1', 500)"); err != nil {
			return err
		}
		_, err := tx.Exec("UPDATE accounts SET cents = cents + 500 WHERE customer = 'bob'")
		return err
	}, undo: func(tx *sqlite.Tx) error {
		if _, err := tx.Exec("DELETE FROM refunds WHERE order_id = 'order-1'"); err != nil {
			return err
		}
		return debitBob(tx)
	}}
}

func debitBob(tx *sqlite.Tx) error {
	const update = `UPDATE accounts SET cents = cents - 500
		WHERE customer = 'bob' AND cents >= 500`
	return insufficientFunds.ifNone(tx.Exec(update))
}
