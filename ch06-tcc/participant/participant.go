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
	r.Get(rules.List, httpapi.Handle(list(db)))
	r.Get("/ledger", httpapi.Handle(ledger(db)))
	return r
}

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

// list answers with what is available and what is reserved in each account.
func list(db *sqlite.DB) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		accounts, err := sqlite.Collect(r.Context(), db, func(a *Account) []any {
			return []any{&a.Name, &a.Available, &a.Reserved}
		}, "SELECT name, available, reserved FROM accounts ORDER BY name")
		if err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, accounts)
	}
}
