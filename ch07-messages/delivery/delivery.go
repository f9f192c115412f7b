// Package delivery keeps the places in each delivery slot. A place that is booked stays
// booked: that is the pivot.
package delivery

import (
	"net/http"

	"example.com/dtx/ch07-messages/messages"
	"example.com/dtx/ch07-messages/participant"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the service's database.
const Schema = participant.Schema + `
INSERT INTO accounts VALUES ('any-day', 100), ('mon-am', 5), ('sat-pm', 1), ('sun-am', 0);`

// New returns the service on its database. An account is a slot, in places.
func New(db *sqlite.DB, client *http.Client) http.Handler {
	r := participant.Rules{
		Name: "delivery", List: "/slots", Max: 1,
		Short: httpapi.SlotFull, Unknown: httpapi.UnknownSlot,
		Part: func(c messages.Content) participant.Account {
			return participant.Account{Name: c.Slot, Amount: 1}
		},
	}
	return participant.New(db, client, r, map[string]messages.Reaction{
		"authorized": r.Take("booked", "not-booked"),
	})
}
