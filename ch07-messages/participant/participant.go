// Package participant is what stock, payment and delivery have in common: a reaction to
// an event takes an amount out of an account (units, cents or places), and a reaction
// to a refusal gives it back.
//
// It does not ask whether an event has come before: the inbox has.
package participant

import (
	"context"
	"net/http"

	"example.com/dtx/ch07-messages/broker"
	"example.com/dtx/ch07-messages/messages"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the database; a service adds its own accounts.
const Schema = messages.Schema + `
CREATE TABLE accounts (name TEXT PRIMARY KEY, amount INTEGER NOT NULL CHECK (amount >= 0)) STRICT;
CREATE TABLE effects (saga TEXT NOT NULL, name TEXT NOT NULL, amount INTEGER NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('taken', 'given back', 'finished'))) STRICT;
CREATE INDEX by_saga ON effects (saga);
`

// Account is a name and an amount: what an order takes, or what is left.
type Account struct {
	Name   string `json:"name"`
	Amount int64  `json:"amount"` // units, cents or places
}

// Rules are what a service's business adds.
type Rules struct {
	Name    string // the service, and its consumer at the broker
	List    string // the path of the accounts, e.g. "/items"
	Part    func(messages.Content) Account
	Max     int64        // the most that one order may take
	Short   httpapi.Kind // the refusal when too little is left
	Unknown httpapi.Kind // the refusal when there is no such account
}

// Service is a participant.
type Service struct {
	http.Handler
	*messages.Service
}

// New returns a participant. The reactions are by the name of the event.
func New(
	db *sqlite.DB, client *http.Client, r Rules, reactions map[string]messages.Reaction,
) *Service {
	router := httpapi.NewRouter()
	s := messages.New(r.Name, db, broker.Client{HTTP: client}, reactions, func(string) {})
	s.Route(router)
	router.Get(r.List, httpapi.Handle(list(db)))
	return &Service{router, s}
}

// Run publishes and consumes until ctx is done.
func (s *Service) Run(ctx context.Context) error { return s.Service.Run(ctx) }

// list answers with what is left in each account.
func list(db *sqlite.DB) func(http.ResponseWriter, *http.Request) error {
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
