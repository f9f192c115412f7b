package toy

import (
	"context"
	"database/sql"
	"errors"

	"example.com/dtx/internal/sqlite"
)

// chargeInTwo has a gap between taking the money and knowing why.
func (t *till) chargeInTwo(ctx context.Context, id string, c charge) (refused bool, err error) {
	known := false
	err = t.db.Update(ctx, func(tx *sqlite.Tx) error {
		if refused, err = t.before(tx, id, c); !errors.Is(err, sql.ErrNoRows) {
			known = true
			return err
		}
		refused, err = take(tx, c)
		return err
	})
	if err != nil || known {
		return refused, err
	}
	return refused, t.db.Update(ctx, func(tx *sqlite.Tx) error { return note(tx, id, c, refused) })
}

// chargeHeld keeps others off the account in the meantime. Each attempt makes a
// hold and removes its own; those of the dead are never removed.
func (t *till) chargeHeld(ctx context.Context, id string, c charge) (refused bool, err error) {
	var hold int64
	err = t.db.Update(ctx, func(tx *sqlite.Tx) error {
		made, err := tx.Exec("INSERT INTO holds VALUES (?)", id)
		if err != nil {
			return err
		}
		hold, err = made.LastInsertId()
		return err
	})
	if err != nil {
		return false, err
	}
	refused, err = t.chargeInOne(ctx, id, c)
	return refused, errors.Join(err, t.db.Update(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec("DELETE FROM holds WHERE rowid = ?", hold)
		return err
	}))
}
