// Package stock keeps the units of each item.
package stock

import (
	"net/http"

	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Accounts are what there is when the shop opens, in the SQL of any database.
const Accounts = `INSERT INTO accounts VALUES
	('leaflet', 100), ('salt', 100), ('tea', 10), ('truffle', 1);`

// Schema makes the service's database.
const Schema = participant.Schema + Accounts

// Rules are the business of the service. An account is an item, in units.
func Rules() participant.Rules {
	return participant.Rules{
		List: "/items", Max: 100,
		Short: httpapi.OutOfStock, Unknown: httpapi.UnknownItem,
	}
}

// New returns the service on its database.
func New(db *sqlite.DB, client *http.Client) *participant.Service {
	return participant.New(participant.NewRows(db, Rules()), client, Rules())
}
