package isolation

import (
	"context"

	"example.com/dtx/internal/sqlite"
)

// take is a saga's first step: it takes the tea from the shelf.
func take(tx *sqlite.Tx, _ string) error {
	const update = "UPDATE items SET units = units - 1 WHERE item = 'tea' AND units >= 1"
	return outOfStock.ifNone(tx.Exec(update))
}

// settle ends what take began: it gives back one unit, or none.
func settle(tx *sqlite.Tx, _ string, back int64) error {
	_, err := tx.Exec("UPDATE items SET units = units + ? WHERE item = 'tea'", back)
	return err
}

// takeLocked takes the tea and leaves the order's name on the row. Who comes
// before settleLocked learns that nothing is decided yet.
func takeLocked(tx *sqlite.Tx, order string) error {
	const (
		read   = "SELECT pending FROM items WHERE item = 'tea'"
		update = `UPDATE items SET units = units - 1, pending = ?
			WHERE item = 'tea' AND units >= 1`
	)
	var pending string
	if err := tx.QueryRow(read).Scan(&pending); err != nil {
		return err
	}
	if pending != "" {
		return refusal("ask again, pending: " + pending)
	}
	return outOfStock.ifNone(tx.Exec(update, order))
}

// settleLocked takes the name off again, whichever way the saga has ended.
func settleLocked(tx *sqlite.Tx, order string, back int64) error {
	_, err := tx.Exec(`UPDATE items SET units = units + ?, pending = ''
		WHERE item = 'tea' AND pending = ?`, back, order)
	return err
}

func semanticLock() Case {
	return Case{
		Anomaly: "dirty read", Countermeasure: "semantic lock",
		What: "A saga takes the last tea for ada, and gives it back, because she cannot pay. " +
			"In between bob asks for tea.",
		Question: "Has bob been sent away for good from a shop that has tea?",
		Without:  lastTea(take, settle),
		With:     lastTea(takeLocked, settleLocked),
	}
}

// lastTea: ada's saga takes the last tea and cannot pay. In between bob wants it.
func lastTea(
	take func(*sqlite.Tx, string) error, settle func(*sqlite.Tx, string, int64) error,
) Script {
	return func(ctx context.Context, s *Shop) (Seen, error) {
		var tale story
		const first = "takes the last tea for ada"
		tale.step(ctx, s.stock, "saga", first, func(tx *sqlite.Tx) error {
			return take(tx, "order-1")
		})
		bob := func() refusal {
			return tale.step(ctx, s.stock, "bob", "asks for tea", func(tx *sqlite.Tx) error {
				return take(tx, "order-2")
			})
		}
		told := bob()
		tale.step(ctx, s.payment, "saga", "charges ada 1500 cents", func(tx *sqlite.Tx) error {
			return charge(tx, 1500)
		})
		tale.step(ctx, s.stock, "saga", "gives the tea back", func(tx *sqlite.Tx) error {
			return settle(tx, "order-1", 1)
		})
		if told != "" && told != outOfStock { // it was no final answer
			told = bob()
		}
		if told == "" {
			tale.step(ctx, s.stock, "bob", "keeps it", func(tx *sqlite.Tx) error {
				return settle(tx, "order-2", 0)
			})
		}
		units := read[int64](ctx, &tale, s.stock, "SELECT units FROM items WHERE item = 'tea'")
		return tale.end(told != "" && units > 0,
			"bob's last answer is %q, tea on the shelf: %d", answer(told), units)
	}
}

func answer(no refusal) string {
	if no == "" {
		return "yours"
	}
	return string(no)
}
