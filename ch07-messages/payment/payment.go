// Package payment keeps the balance of each customer. Money is authorized first, which
// takes it out of the balance, and captured when the order stands; until then the
// authorization can be voided.
package payment

import (
	"net/http"

	"example.com/dtx/ch07-messages/messages"
	"example.com/dtx/ch07-messages/participant"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the service's database.
const Schema = participant.Schema + `
INSERT INTO accounts VALUES ('ada', 10000), ('bob', 1000);`

// New returns the service on its database. An account is a customer, in cents.
func New(db *sqlite.DB, client *http.Client) http.Handler {
	r := participant.Rules{
		Name: "payment", List: "/customers", Max: 1_000_000,
		Short: httpapi.InsufficientFunds, Unknown: httpapi.UnknownCustomer,
		Part: func(c messages.Content) participant.Account {
			return participant.Account{Name: c.Customer, Amount: c.Cents}
		},
	}
	return participant.New(db, client, r, map[string]messages.Reaction{
		"taken":      r.Take("authorized", "not-authorized"),
		"not-booked": r.GiveBack("not-authorized"),
		"booked":     r.Finish,
	})
}
