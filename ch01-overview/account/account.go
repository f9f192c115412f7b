// Package account is what stock, payment and delivery have in common: accounts
// of which an order takes something, be it units, cents or places.
//
// It is written as most first attempts are: it does what it is asked, as often
// as it is asked, and gives back what was never taken.
package account

import (
	"database/sql"
	"errors"
	"net/http"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the database; a service adds its own accounts.
const Schema = `
CREATE TABLE accounts (name TEXT PRIMARY KEY, amount INTEGER NOT NULL CHECK (amount >= 0)) STRICT;
CREATE TABLE effects (order_id TEXT NOT NULL, name TEXT NOT NULL REFERENCES accounts,
	amount INTEGER NOT NULL) STRICT;
`

// Rules are what a service's business adds.
type Rules struct {
	Take     string       // the path that takes, e.g. "/charge"
	GiveBack string       // the path that undoes it, e.g. "/refund"
	List     string       // the path that lists the accounts
	Max      int64        // the most that one order may take
	Short    httpapi.Kind // the refusal when too little is left
	Unknown  httpapi.Kind // the answer when there is no such account
}

// Service keeps the accounts of one business.
type Service struct {
	http.Handler
	db    *sqlite.DB
	rules Rules
}

// New returns a service on its database.
func New(db *sqlite.DB, rules Rules) *Service {
	router := httpapi.NewRouter()
	s := &Service{router, db, rules}
	router.Post(rules.Take, s.handle(s.take))
	router.Post(rules.GiveBack, s.handle(giveBack))
	router.Get(rules.List, httpapi.Handle(s.list))
	return s
}

// Account is a name and an amount: in a request what to take, in an answer what
// is left.
type Account struct {
	Name   string `json:"name"`
	Amount int64  `json:"amount"`
}

// operation carries out what a request wants. It changes what is left.
type operation func(tx *sqlite.Tx, order string, wanted Account, left *Account) error

// handle returns the handler of the requests for one operation.
func (s *Service) handle(do operation) http.HandlerFunc {
	return httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
		return s.change(w, r, do)
	})
}

// change reads a request, carries it out in one transaction, and answers with
// what is left. The order's id is the Idempotency-Key; the service does not look
// whether it came before.
func (s *Service) change(w http.ResponseWriter, r *http.Request, do operation) error {
	order, err := httpapi.Key(r)
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
	var left Account
	err = s.db.Update(r.Context(), func(tx *sqlite.Tx) (err error) {
		if left, err = s.find(tx, wanted.Name); err != nil {
			return err
		}
		return do(tx, order, wanted, &left)
	})
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, left)
}

func (s *Service) take(tx *sqlite.Tx, order string, wanted Account, left *Account) error {
	if left.Amount < wanted.Amount {
		const short = "%d of %s wanted, %d left"
		return s.rules.Short.With(short, wanted.Amount, wanted.Name, left.Amount)
	}
	return post(tx, order, wanted.Amount, left)
}

func giveBack(tx *sqlite.Tx, order string, back Account, left *Account) error {
	return post(tx, order, -back.Amount, left)
}

// post takes an amount out of an account and writes down for which order.
func post(tx *sqlite.Tx, order string, amount int64, left *Account) error {
	left.Amount -= amount
	const update = "UPDATE accounts SET amount = ? WHERE name = ?"
	if _, err := tx.Exec(update, left.Amount, left.Name); err != nil {
		return err
	}
	_, err := tx.Exec("INSERT INTO effects (order_id, name, amount) VALUES (?, ?, ?)",
		order, left.Name, amount)
	return err
}

func (s *Service) find(tx *sqlite.Tx, name string) (Account, error) {
	a := Account{Name: name}
	err := tx.QueryRow("SELECT amount FROM accounts WHERE name = ?", name).Scan(&a.Amount)
	if errors.Is(err, sql.ErrNoRows) {
		return a, s.rules.Unknown.With("%q", name)
	}
	return a, err
}

func (s *Service) list(w http.ResponseWriter, r *http.Request) error {
	accounts := []Account{}
	err := s.db.View(r.Context(), func(tx *sqlite.Tx) error {
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
