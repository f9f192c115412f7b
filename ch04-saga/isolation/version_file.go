package isolation

import (
	"context"

	"example.com/dtx/internal/sqlite"
)

// cancelAtOnce undoes the authorization, if there is one.
func cancelAtOnce(tx *sqlite.Tx, order string) error {
	_, err := tx.Exec("DELETE FROM operations WHERE order_id = ?", order)
	return err
}

// cancelRecorded writes down that it came. What it means for an authorization,
// be it there already or not, heldCents says.
func cancelRecorded(tx *sqlite.Tx, order string) error {
	const insert = "INSERT INTO operations VALUES (?, 'cancel', 0) ON CONFLICT DO NOTHING"
	_, err := tx.Exec(insert, order)
	return err
}

// authorize holds cents for an order.
func authorize(tx *sqlite.Tx, order string, cents int64) error {
	const insert = "INSERT INTO operations VALUES (?, 'authorize', ?) ON CONFLICT DO NOTHING"
	_, err := tx.Exec(insert, order, cents)
	return err
}

// heldCents reads the operations in the order in which they should have come:
// a cancel comes after its authorization.
const heldCents = `SELECT coalesce(sum(cents), 0) FROM operations AS a WHERE operation = 'authorize'
	AND NOT EXISTS (SELECT 1 FROM operations WHERE order_id = a.order_id AND operation = 'cancel')`

func versionFile() Case {
	return Case{
		Anomaly: "lost update", Countermeasure: "version file",
		What: "A saga requests an authorization, and then cancels it. " +
			"The cancel arrives first.",
		Question: "Is money held for an order that is cancelled?",
		Without:  overtaken(cancelAtOnce),
		With:     overtaken(cancelRecorded),
	}
}

// overtaken: the answer to an authorization does not come, so the saga cancels
// it. The cancel arrives first.
func overtaken(cancel func(*sqlite.Tx, string) error) Script {
	return func(ctx context.Context, s *Shop) (Seen, error) {
		var tale story
		const cancels = "cancels the authorization of order-1"
		tale.step(ctx, s.payment, "saga", cancels, func(tx *sqlite.Tx) error {
			return cancel(tx, "order-1")
		})
		const delivers = "delivers the authorization of order-1 late"
		tale.step(ctx, s.payment, "network", delivers, func(tx *sqlite.Tx) error {
			return authorize(tx, "order-1", 500)
		})
		held := read[int64](ctx, &tale, s.payment, heldCents)
		return tale.end(held > 0, "held for order-1: %d cents", held)
	}
}
