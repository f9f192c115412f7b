// Package payment keeps the balance of each customer.
package payment

import (
	"net/http"

	"example.com/dtx/ch01-overview/account"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the service's database.
const Schema = account.Schema + `INSERT INTO accounts VALUES ('ada', 10000), ('bob', 1000);`

// New returns the service on its database. An account is a customer, in cents.
func New(db *sqlite.DB) http.Handler {
	return account.New(db, account.Rules{
		Take: "/charge", GiveBack: "/refund", List: "/customers",
		Max: 1_000_000, Short: httpapi.InsufficientFunds, Unknown: httpapi.UnknownCustomer,
	})
}
