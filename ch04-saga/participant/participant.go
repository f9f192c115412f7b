// Package participant is what stock, payment and delivery have in common: a step
// of a saga takes something out of an account, be it units, cents or places,
// and its compensation gives it back.
//
// Requests may come twice, late, or in the wrong order, and the saga's
// orchestrator may have died: what a participant did for which step of which
// saga, it remembers in the transaction that does it.
package participant

import (
	"net/http"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the database; a service adds its own accounts.
const Schema = `
CREATE TABLE accounts (name TEXT PRIMARY KEY, amount INTEGER NOT NULL CHECK (amount >= 0)) STRICT;
CREATE TABLE steps (saga TEXT NOT NULL, step TEXT NOT NULL, name TEXT NOT NULL, amount INTEGER NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('done', 'refused', 'undone')),
	why TEXT NOT NULL, -- it was refused
	PRIMARY KEY (saga, step)) STRICT, WITHOUT ROWID;
`

// Rules are what a service's business adds.
type Rules struct {
	Do      string       // the step that takes, e.g. "authorize"
	Undo    string       // its compensation, e.g. "void"; empty if there is none
	Finish  string       // a step that cannot be refused once Do is done, e.g. "capture"; empty if there is none
	List    string       // the accounts, e.g. "customers"
	Max     int64        // the most that one step may take
	Short   httpapi.Kind // the refusal when too little is left
	Unknown httpapi.Kind // the refusal when there is no such account
}

// Service carries out its steps of the sagas that others conduct. The
// Idempotency-Key of a request is the saga's id.
type Service struct {
	http.Handler
	db    *sqlite.DB
	rules Rules
}

// New returns a service on its database.
func New(db *sqlite.DB, rules Rules) *Service {
	router := httpapi.NewRouter()
	s := &Service{router, db, rules}
	for step, carryOut := range map[string]func(*sqlite.Tx, string, Account) (Step, error){
		rules.Do: rules.Take, rules.Undo: rules.GiveBack, rules.Finish: rules.End,
	} {
		if step != "" {
			router.Post("/"+step, httpapi.Handle(s.step(carryOut)))
		}
	}
	router.Get("/"+rules.List, httpapi.Handle(List(db)))
	return s
}

// step answers a request for a step. Done or refused: what is answered is on
// the disk before.
func (s *Service) step(carryOut func(*sqlite.Tx, string, Account) (Step, error)) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		saga, err := httpapi.Key(r)
		if err != nil {
			return err
		}
		wanted, err := httpapi.Decode[Account](w, r)
		if err != nil {
			return err
		}
		if wanted.Amount < 1 || wanted.Amount > s.rules.Max {
			return httpapi.Unprocessable.With("amount is %d, want 1 to %d", wanted.Amount, s.rules.Max)
		}
		var step Step
		err = s.db.Update(r.Context(), func(tx *sqlite.Tx) (err error) {
			step, err = carryOut(tx, saga, wanted)
			return err
		})
		if err == nil {
			err = step.Refusal()
		}
		if err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, step.Account)
	}
}

// List answers with what is left in each account.
func List(db *sqlite.DB) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		accounts := []Account{}
		err := db.View(r.Context(), func(tx *sqlite.Tx) error {
			rows, err := tx.Query("SELECT name, amount FROM accounts ORDER BY name")
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var a Account
				if err := rows.Scan(&a.Name, &a.Amount); err != nil {
					return err
				}
				accounts = append(accounts, a)
			}
			return rows.Err()
		})
		if err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, accounts)
	}
}
