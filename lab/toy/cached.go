package toy

import (
	"context"
	"database/sql"
	"errors"

	"example.com/dtx/internal/sqlite"
)

// balances are the accounts as a till last knew them. They are right as long as
// it is the only one that writes. A transaction guards them.
type balances map[string]int64

// readBalances reads them once, when the till starts.
func readBalances(db *sqlite.DB) (b balances, err error) {
	b = balances{}
	return b, db.View(context.Background(), func(tx *sqlite.Tx) error {
		rows, err := tx.Query("SELECT customer, cents FROM accounts")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var customer string
			var cents int64
			if err := rows.Scan(&customer, &cents); err != nil {
				return err
			}
			b[customer] = cents
		}
		return rows.Err()
	})
}

// chargeCached is chargeInOne, but writes what it knows instead of what is there.
func (t *till) chargeCached(ctx context.Context, id string, c charge) (refused bool, err error) {
	left, known := int64(0), false
	err = t.db.Update(ctx, func(tx *sqlite.Tx) error {
		if refused, err = t.before(tx, id, c); !errors.Is(err, sql.ErrNoRows) {
			known = true
			return err
		}
		left = t.cached[c.Customer] - c.Cents
		if refused = left < 0; !refused {
			const write = "UPDATE accounts SET cents = ? WHERE customer = ?"
			if _, err := tx.Exec(write, left, c.Customer); err != nil {
				return err
			}
		}
		return note(tx, id, c, refused)
	})
	if err == nil && !known && !refused {
		t.cached[c.Customer] = left
	}
	return refused, err
}
