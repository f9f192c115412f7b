// Package payment keeps the balance of each customer. Money is authorized first,
// which takes it out of the balance, and captured when the order stands; until
// then the authorization can be voided.
package payment

import (
	"example.com/dtx/ch04-saga/participant"
	"example.com/dtx/internal/httpapi"
)

// Schema makes the service's database.
const Schema = participant.Schema + `
INSERT INTO accounts VALUES ('ada', 10000), ('bob', 1000);`

// Rules returns the rules of the business. An account is a customer, in cents.
func Rules() participant.Rules {
	return participant.Rules{
		Take: "authorize", Compensate: "void", Finish: "capture", List: "customers",
		Max: 1_000_000, Short: httpapi.InsufficientFunds, Unknown: httpapi.UnknownCustomer,
	}
}
