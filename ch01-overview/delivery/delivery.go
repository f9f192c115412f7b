// Package delivery keeps the places in each delivery slot.
package delivery

import (
	"net/http"

	"example.com/dtx/ch01-overview/account"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the service's database.
const Schema = account.Schema + `
INSERT INTO accounts VALUES ('any-day', 100), ('mon-am', 5), ('sat-pm', 1), ('sun-am', 0);
`

// New returns the service on its database. An account is a slot, in places.
func New(db *sqlite.DB) http.Handler {
	return account.New(db, account.Rules{
		Take: "/book", GiveBack: "/cancel", List: "/slots",
		Max: 1, Short: httpapi.SlotFull, Unknown: httpapi.UnknownSlot,
	})
}
