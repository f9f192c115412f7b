// Package participant is what stock, payment and delivery have in common: a step
// of a saga takes something out of an account (units, cents or places), and its
// compensation gives it back.
//
// Calls may come twice, late or in the wrong order, and more than one orchestrator
// process may be alive. So a participant remembers what it did for which step of
// which saga, in the transaction that does it. It looks the step up before it
// judges the call: the first answer outlives every change of the rules.
//
// A saga's id is unique among all that call: one order service, with one log.
package participant

import (
	"cmp"
	"net/http"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/jsonview"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the database; a service adds its own accounts.
const Schema = `
CREATE TABLE accounts (name TEXT PRIMARY KEY, amount INTEGER NOT NULL CHECK (amount >= 0)) STRICT;
CREATE TABLE steps (saga TEXT NOT NULL, step TEXT NOT NULL,
	name TEXT NOT NULL, amount INTEGER NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('done', 'refused', 'compensated')),
	why TEXT NOT NULL, -- it was refused
	PRIMARY KEY (saga, step)) STRICT, WITHOUT ROWID;
`

// Rules are what a service's business adds.
type Rules struct {
	Take       string       // the step, e.g. "authorize"
	Compensate string       // its compensation, e.g. "void"; may be empty
	Finish     string       // a step that Take makes possible, e.g. "capture"; may be empty
	List       string       // the accounts, e.g. "customers"
	Max        int64        // the most that one step may take
	Short      httpapi.Kind // the refusal when too little is left
	Unknown    httpapi.Kind // the refusal when there is no such account
}

// Call carries out one call of a saga, in a transaction. A step that is refused is
// no error.
type Call func(tx *sqlite.Tx, saga string, wanted Account) (Step, error)

// Calls returns the calls of the service, by their paths.
func (r Rules) Calls() map[string]Call {
	return map[string]Call{r.Take: r.TakeOut, r.Compensate: r.GiveBack, r.Finish: r.Complete}
}

// New returns a service that carries out its steps of sagas. The Idempotency-Key of
// a call is the saga's id. The accounts are listed under the path list.
func New(db *sqlite.DB, list string, calls map[string]Call) http.Handler {
	router := httpapi.NewRouter()
	for path, call := range calls {
		if path != "" {
			router.Post("/"+path, httpapi.Handle(serve(db, call)))
		}
	}
	router.Get("/"+list, jsonview.Handler(db, Accounts))
	router.Get("/ledger", jsonview.Handler(db, ledger))
	return router
}

const (
	// Accounts selects what is left in each account, as JSON.
	Accounts = `SELECT json_group_array(json_object('name', name, 'amount', amount) ORDER BY name)
		FROM accounts`
	// ledger adds the steps that are done, for an audit of some orders: many would need
	// pages.
	ledger = `SELECT json_object('accounts', json((` + Accounts + `)),
		'steps', json((SELECT json_group_array(json_object(
			'saga', saga, 'step', step, 'name', name, 'amount', amount))
			FROM steps WHERE state = 'done')))`
)

// serve answers a call. Done or refused: it is on the disk before it is answered.
func serve(db *sqlite.DB, call Call) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		saga, err := httpapi.Key(r)
		if err != nil {
			return err
		}
		wanted, err := httpapi.Decode[Account](w, r)
		if err != nil {
			return err
		}
		if err := wanted.Validate(); err != nil {
			return err
		}
		var step Step
		err = db.Update(r.Context(), func(tx *sqlite.Tx) (err error) {
			step, err = call(tx, saga, wanted)
			return err
		})
		if err := cmp.Or(err, step.Refusal()); err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, step.Account)
	}
}
