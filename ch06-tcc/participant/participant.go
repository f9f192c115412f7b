// Package participant is what stock, payment and delivery have in common: a try moves an
// amount of an account (units, cents or places) from available to reserved, a confirm
// takes it out, and a cancel gives it back.
//
// Messages may come twice, late or in the wrong order, and more than one initiator may
// be alive. So each passes a barrier first.
package participant

import (
	"net/http"

	"example.com/dtx/ch06-tcc/tcc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/jsonview"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the database; a service adds its own accounts.
const Schema = `
CREATE TABLE accounts (name TEXT PRIMARY KEY,
	available INTEGER NOT NULL CHECK (available >= 0),
	reserved INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0)) STRICT;
CREATE TABLE reservations (id TEXT PRIMARY KEY, name TEXT NOT NULL, amount INTEGER NOT NULL) STRICT;
CREATE TABLE barrier (id TEXT NOT NULL, operation TEXT NOT NULL,
	PRIMARY KEY (id, operation)) STRICT, WITHOUT ROWID;
`

// Rules are what a service's business adds.
type Rules struct {
	List    string       // the path of the accounts, e.g. "/items"
	Max     int64        // the most that one order may reserve
	Short   httpapi.Kind // the refusal when too little is available
	Unknown httpapi.Kind // the refusal when there is no such account
}

// Wanted is what a try reserves.
type Wanted struct {
	Name   string `json:"name"`   // the account's
	Amount int64  `json:"amount"` // units, cents or places
}

// Account is a name, what can be reserved, and what is.
type Account struct {
	Name      string `json:"name"`
	Available int64  `json:"available"`
	Reserved  int64  `json:"reserved"`
}

// New returns a participant. The Idempotency-Key of a message is the transaction's id.
func New(db *sqlite.DB, rules Rules) http.Handler {
	r := httpapi.NewRouter()
	r.Post("/try", Serve(db, tcc.Try, rules.try))
	r.Post("/confirm", Serve(db, tcc.Confirm, confirm))
	r.Post("/cancel", Serve(db, tcc.Cancel, cancel))
	r.Get(rules.List, jsonview.Handler(db, accounts))
	r.Get("/ledger", jsonview.Handler(db, ledger))
	return r
}

const (
	// accounts selects what is available and what is reserved in each account, as JSON.
	accounts = `SELECT json_group_array(json_object(
		'name', name, 'available', available, 'reserved', reserved) ORDER BY name) FROM accounts`
	// ledger adds the tries that have not been cancelled, for an audit of some orders: many
	// would need pages.
	ledger = `SELECT json_object('accounts', json((` + accounts + `)),
		'reservations', json((SELECT json_group_array(json_object('id', id, 'name', name,
			'amount', amount, 'state', iif(EXISTS (SELECT 1 FROM barrier
				WHERE id = r.id AND operation = 'confirm'), 'confirmed', 'reserved')))
			FROM reservations r WHERE NOT EXISTS (SELECT 1 FROM barrier
				WHERE id = r.id AND operation = 'cancel'))))`
)

// Serve answers a message. What it says is done is on the disk.
func Serve[T any](
	db *sqlite.DB, op tcc.Operation, do func(tx *sqlite.Tx, id string, body T) error,
) http.HandlerFunc {
	return httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
		id, err := httpapi.Key(r)
		if err != nil {
			return err
		}
		body, err := httpapi.Decode[T](w, r)
		if err != nil {
			return err
		}
		err = db.Update(r.Context(), func(tx *sqlite.Tx) error { return do(tx, id, body) })
		if err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, tcc.Answer{Done: op})
	})
}
