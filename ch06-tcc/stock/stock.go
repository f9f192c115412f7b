// Package stock keeps the units of each item.
package stock

import (
	"net/http"

	"example.com/dtx/ch06-tcc/participant"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Accounts are what there is when the shop opens.
const Accounts = `
INSERT INTO accounts (name, available)
	VALUES ('salt', 100), ('tea', 10), ('truffle', 1);`

// Schema makes the service's database.
const Schema = participant.Schema + Accounts

// Rules are the business of the service. An account is an item, in units.
func Rules() participant.Rules {
	return participant.Rules{
		List: "/items", Max: 100, Short: httpapi.OutOfStock, Unknown: httpapi.UnknownItem,
	}
}

// New returns the service on its database.
func New(db *sqlite.DB, _ *http.Client) http.Handler {
	return participant.New(db, Rules())
}
