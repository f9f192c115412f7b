package toy

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
)

const tillSchema = `
CREATE TABLE accounts (customer TEXT PRIMARY KEY, cents INTEGER NOT NULL CHECK (cents >= 0)) STRICT;
CREATE TABLE charges (
  id TEXT NOT NULL, customer TEXT NOT NULL, cents INTEGER NOT NULL, refused INTEGER NOT NULL,
  body TEXT NOT NULL -- the request
) STRICT;
CREATE TABLE holds (id TEXT NOT NULL) STRICT;
INSERT INTO accounts VALUES ('ada', 10000), ('bob', 500), ('eve', 0);
`

type till struct {
	http.Handler
	db   *sqlite.DB
	flaw Flaw
	max  int64 // cents, of one charge

	version string

	cached balances // if the flaw is BalanceCached
	broken error    // why they are not known
}

func newTill(db *sqlite.DB, flaw Flaw, version string, max int64) *till {
	r := httpapi.NewRouter()
	t := &till{Handler: r, db: db, flaw: flaw, max: max, version: version}
	if flaw == BalanceCached {
		t.cached, t.broken = readBalances(db)
	}
	r.Post("/charge", httpapi.Handle(t.post))
	r.Post("/orders", httpapi.Handle(t.order)) // when it is alone
	return t
}

type charge struct {
	Customer string `json:"customer"`
	Cents    int64  `json:"cents"`
	Note     string `json:"note,omitzero"` // only the next release of the shop sends it
}

// receipt says which order was charged: only the till can.
type receipt struct {
	Charged string `json:"charged"`
}

func (t *till) post(w http.ResponseWriter, r *http.Request) error {
	id, err := httpapi.Key(r)
	if err != nil {
		return err
	}
	wanted, err := httpapi.Decode[charge](w, r)
	if err != nil {
		return err
	}
	if t.flaw == FieldRequired && t.version == fieldMore && wanted.Note == "" {
		return httpapi.Malformed.With("note is missing")
	}
	refused, err := t.charge(r.Context(), id, wanted)
	if err != nil {
		return err
	}
	if refused {
		return httpapi.InsufficientFunds
	}
	return httpapi.WriteJSON(w, http.StatusOK, receipt{id})
}

func (t *till) order(w http.ResponseWriter, r *http.Request) error {
	id, err := httpapi.Key(r)
	if err != nil {
		return err
	}
	wanted, err := httpapi.Decode[lab.Order](w, r)
	if err != nil {
		return err
	}
	refused, err := t.charge(r.Context(), id, charge{Customer: wanted.Customer, Cents: price})
	if err != nil {
		return err
	}
	if refused {
		return httpapi.InsufficientFunds
	}
	return httpapi.WriteJSON(w, http.StatusCreated, struct{}{})
}

func (t *till) charge(ctx context.Context, id string, c charge) (refused bool, err error) {
	if t.broken != nil {
		return false, t.broken
	}
	switch t.flaw {
	case LimitFirst:
		if c.Cents > t.max {
			return true, nil
		}
	case TwoTransactions:
		return t.chargeInTwo(ctx, id, c)
	case HoldForgotten:
		return t.chargeHeld(ctx, id, c)
	case BalanceCached:
		return t.chargeCached(ctx, id, c)
	case SeesAHalf:
		return t.chargeSeeing(ctx, id, c)
	case ReadsApart:
		return t.chargeApart(ctx, id, c)
	case ChecksBefore:
		return t.chargeChecked(ctx, id, c)
	}
	return t.chargeInOne(ctx, id, c)
}

// chargeInOne takes the money and notes for which order, in one transaction.
// An order that came before gets the same answer again.
func (t *till) chargeInOne(ctx context.Context, id string, c charge) (refused bool, err error) {
	err = t.db.Update(ctx, func(tx *sqlite.Tx) error {
		refused, err = t.chargeOnce(tx, id, c)
		return err
	})
	return refused, err
}

func (t *till) chargeOnce(tx *sqlite.Tx, id string, c charge) (refused bool, err error) {
	if refused, err = t.before(tx, id, c); !errors.Is(err, sql.ErrNoRows) {
		return refused, t.overlook(LookUpIsYes, err)
	}
	if refused = c.Cents > t.max; !refused {
		if refused, err = take(tx, c); err != nil {
			return false, err
		}
	}
	if refused && (t.flaw == RefusalForgotten || t.flaw == RefusalUnnoted) {
		return true, nil
	}
	return refused, t.overlook(NoteIsNoMatter, note(tx, id, c, refused))
}

// before tells what was answered to an order before; sql.ErrNoRows, if nothing was.
func (t *till) before(tx *sqlite.Tx, id string, c charge) (refused bool, err error) {
	if t.flaw == NoDeduplication {
		return false, sql.ErrNoRows
	}
	var customer, body string
	const read = "SELECT refused, customer, body FROM charges WHERE id = ?"
	err = tx.QueryRow(read, id).Scan(&refused, &customer, &body)
	isAnother := customer != c.Customer || t.flaw == BodiesCompared && body != fmt.Sprint(c)
	if err == nil && isAnother {
		return refused, httpapi.KeyReused
	}
	return refused, err
}

func take(tx *sqlite.Tx, c charge) (refused bool, err error) {
	const debit = "UPDATE accounts SET cents = cents - ? WHERE customer = ? AND cents >= ?"
	done, err := tx.Exec(debit, c.Cents, c.Customer, c.Cents)
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n == 0, err
}

func note(tx *sqlite.Tx, id string, c charge, refused bool) error {
	const insert = `INSERT INTO charges (id, customer, cents, refused, body)
		VALUES (?, ?, ?, ?, ?)`
	_, err := tx.Exec(insert, id, c.Customer, c.Cents, refused, fmt.Sprint(c))
	return err
}
