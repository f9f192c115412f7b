package toy

import (
	"context"
	"database/sql"
	"errors"
	"net/http"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
)

// This file is what goes wrong only between two orders at once. All but the last are
// a lone till's.
const (
	// SeesAHalf refuses one order because it sees half of another.
	SeesAHalf Flaw = "sees a half"
	// ReadsApart breaks lab.Conserved: the till reads past its own transaction.
	ReadsApart Flaw = "reads apart"
	// ChecksBefore compares the body with the key, and then begins its transaction.
	ChecksBefore Flaw = "checks before"
	// PrefixIsIt breaks lab.AllOrNothing: what the shop takes up again ends order-10
	// together with order-1.
	PrefixIsIt Flaw = "a prefix is it"
)

// Lone returns the till that takes the orders itself, with a flaw.
func Lone(flaw Flaw) lab.Variant {
	v := Alone()
	v.Name = string(flaw)
	v.Services[0].New = func(db *sqlite.DB, _ *http.Client) http.Handler {
		return newTill(db, flaw, "", wide)
	}
	return v
}

// SameKey returns two customers' orders under one key.
func SameKey() lab.Scenario { return lab.SameKey(order("order-1", "ada"), order("", "bob")) }

// chargeSeeing refuses an order while another one holds money of the same customer.
func (t *till) chargeSeeing(ctx context.Context, id string, c charge) (refused bool, err error) {
	err = t.db.View(ctx, func(tx *sqlite.Tx) error {
		return tx.QueryRow("SELECT EXISTS (SELECT 1 FROM holds WHERE id <> ?)", id).Scan(&refused)
	})
	if err != nil || refused {
		return refused, err
	}
	err = t.db.Update(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec("INSERT INTO holds VALUES (?)", id)
		return err
	})
	if err != nil {
		return false, err
	}
	err = t.db.Update(ctx, func(tx *sqlite.Tx) error {
		if refused, err = t.chargeOnce(tx, id, c); err != nil {
			return err
		}
		_, err := tx.Exec("DELETE FROM holds WHERE id = ?", id)
		return err
	})
	return refused, err
}

// chargeApart reads past its own transaction what it is about to change.
func (t *till) chargeApart(ctx context.Context, id string, c charge) (refused bool, err error) {
	err = t.db.Update(ctx, func(tx *sqlite.Tx) error {
		if refused, err = t.before(tx, id, c); !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		var cents int64
		err := t.db.View(context.Background(), func(tx *sqlite.Tx) error {
			const read = "SELECT cents FROM accounts WHERE customer = ?"
			return tx.QueryRow(read, c.Customer).Scan(&cents)
		})
		if refused = cents < c.Cents; err != nil || refused {
			return errors.Join(err, note(tx, id, c, refused))
		}
		const write = "UPDATE accounts SET cents = ? WHERE customer = ?"
		_, err = tx.Exec(write, cents-c.Cents, c.Customer)
		return errors.Join(err, note(tx, id, c, refused))
	})
	return refused, err
}

// chargeChecked compares the body with what is known of the key, and then begins
// a transaction that no longer does.
func (t *till) chargeChecked(ctx context.Context, id string, c charge) (refused bool, err error) {
	err = t.db.View(ctx, func(tx *sqlite.Tx) error {
		_, err := t.before(tx, id, c)
		return err
	})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	err = t.db.Update(ctx, func(tx *sqlite.Tx) error {
		refused, err = t.chargeOnce(tx, id, c)
		if errors.Is(err, httpapi.KeyReused) {
			return nil
		}
		return err
	})
	return refused, err
}
