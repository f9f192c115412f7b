package isolation

import (
	"context"

	"example.com/dtx/internal/sqlite"
)

// charged is what a saga remembers of a charge. All in cents.
type charged struct{ before, amount int64 }

// giveBackWritten restores the balance that the saga has read.
func giveBackWritten(tx *sqlite.Tx, c charged) error {
	_, err := tx.Exec("UPDATE accounts SET cents = ? WHERE customer = 'ada'", c.before)
	return err
}

// giveBackAdded adds what the saga has taken, and keeps all other changes.
func giveBackAdded(tx *sqlite.Tx, c charged) error {
	_, err := tx.Exec("UPDATE accounts SET cents = cents + ? WHERE customer = 'ada'", c.amount)
	return err
}

func commutativeUpdate() Case {
	return Case{
		Anomaly: "lost update", Countermeasure: "commutative update",
		What: "A saga takes 500 of ada's 1000 cents, and gives them back. " +
			"In between she pays in 200.",
		Question: "Does ada have less than the 1200 cents that are hers (1000 + 200)?",
		Without:  deposit(giveBackWritten),
		With:     deposit(giveBackAdded),
	}
}

// deposit: ada has 1000 cents, and pays in 200 while a saga holds 500 of hers.
func deposit(giveBack func(*sqlite.Tx, charged) error) Script {
	const hasAda = "SELECT cents FROM accounts WHERE customer = 'ada'"
	return func(ctx context.Context, s *Shop) (Seen, error) {
		var tale story
		c := charged{before: read[int64](ctx, &tale, s.payment, hasAda), amount: 500}
		tale.step(ctx, s.payment, "saga", "charges ada 500 cents", func(tx *sqlite.Tx) error {
			return charge(tx, c.amount)
		})
		tale.step(ctx, s.payment, "ada", "pays in 200 cents", func(tx *sqlite.Tx) error {
			_, err := tx.Exec("UPDATE accounts SET cents = cents + 200 WHERE customer = 'ada'")
			return err
		})
		const west = "asks for a place to the west"
		tale.step(ctx, s.delivery, "saga", west, func(tx *sqlite.Tx) error {
			return takePlace(tx, "west")
		})
		tale.step(ctx, s.payment, "saga", "gives ada's money back", func(tx *sqlite.Tx) error {
			return giveBack(tx, c)
		})
		cents := read[int64](ctx, &tale, s.payment, hasAda)
		return tale.end(cents < 1200, "ada has %d cents", cents)
	}
}

// charge takes cents from ada.
func charge(tx *sqlite.Tx, cents int64) error {
	const update = `UPDATE accounts SET cents = cents - ?
		WHERE customer = 'ada' AND cents >= ?`
	return insufficientFunds.ifNone(tx.Exec(update, cents, cents))
}

// takePlace takes a place in a district's van.
func takePlace(tx *sqlite.Tx, district string) error {
	const update = "UPDATE vans SET places = places - 1 WHERE district = ? AND places >= 1"
	return slotFull.ifNone(tx.Exec(update, district))
}
