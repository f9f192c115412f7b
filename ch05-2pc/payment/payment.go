// Package payment keeps the balance of each customer.
package payment

import (
	"net/http"

	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Accounts are what there is when the shop opens, in the SQL of any database.
const Accounts = `INSERT INTO accounts VALUES ('ada', 10000), ('bob', 1000);`

// Schema makes the service's database.
const Schema = participant.Schema + Accounts

// Rules are the business of the service. An account is a customer, in cents.
func Rules() participant.Rules {
	return participant.Rules{
		List: "/customers", Max: 1_000_000,
		Short: httpapi.InsufficientFunds, Unknown: httpapi.UnknownCustomer,
	}
}

// New returns the service on its database.
func New(db *sqlite.DB, client *http.Client) *participant.Service {
	return participant.New(participant.NewRows(db, Rules()), client, Rules())
}
