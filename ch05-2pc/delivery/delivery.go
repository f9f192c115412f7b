// Package delivery keeps the places in each delivery slot.
package delivery

import (
	"net/http"

	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Accounts are what there is when the shop opens, in the SQL of any database.
const Accounts = `INSERT INTO accounts VALUES
	('any-day', 100), ('mon-am', 5), ('sat-pm', 1), ('sun-am', 0);`

// Schema makes the service's database.
const Schema = participant.Schema + Accounts

// Rules are the business of the service. An account is a slot, in places.
func Rules() participant.Rules {
	return participant.Rules{
		List: "/slots", Max: 1,
		Short: httpapi.SlotFull, Unknown: httpapi.UnknownSlot,
	}
}

// New returns the service on its database.
func New(db *sqlite.DB, client *http.Client) *participant.Service {
	return participant.New(participant.NewRows(db, Rules()), client, Rules())
}
