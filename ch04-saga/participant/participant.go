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
	router.Get("/"+list, httpapi.Handle(List(db)))
	router.Get("/ledger", httpapi.Handle(ledger(db)))
	return router
}

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

// List answers with what is left in each account.
func List(db *sqlite.DB) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		accounts, err := sqlite.Collect(r.Context(), db, func(a *Account) []any {
			return []any{&a.Name, &a.Amount}
		}, "SELECT name, amount FROM accounts ORDER BY name")
		if err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, accounts)
	}
}

// done is a step in the ledger: it is carried out, and not compensated.
type done struct {
	Saga   string `json:"saga"`
	Step   string `json:"step"`
	Name   string `json:"name"`
	Amount int64  `json:"amount"`
}

// ledger answers with what is left in each account, and which steps are done, as one
// transaction sees both. It is for an audit of some orders: many would need pages.
func ledger(db *sqlite.DB) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		rows, err := sqlite.Collect(r.Context(), db, func(d *done) []any {
			return []any{&d.Saga, &d.Step, &d.Name, &d.Amount}
		}, `SELECT '', '', name, amount FROM accounts UNION ALL
			SELECT saga, step, name, amount FROM steps WHERE state = 'done'`)
		if err != nil {
			return err
		}
		answer := struct {
			Accounts []Account `json:"accounts"`
			Steps    []done    `json:"steps"`
		}{[]Account{}, []done{}}
		for _, row := range rows {
			if row.Saga == "" {
				answer.Accounts = append(answer.Accounts, Account{row.Name, row.Amount})
			} else {
				answer.Steps = append(answer.Steps, row)
			}
		}
		return httpapi.WriteJSON(w, http.StatusOK, answer)
	}
}
