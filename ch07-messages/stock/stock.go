// Package stock keeps the units of each item.
package stock

import (
	"net/http"

	"example.com/dtx/ch07-messages/messages"
	"example.com/dtx/ch07-messages/participant"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the service's database.
const Schema = participant.Schema + `
INSERT INTO accounts VALUES ('salt', 100), ('tea', 10), ('truffle', 1);`

// New returns the service on its database. An account is an item, in units.
func New(db *sqlite.DB, client *http.Client) http.Handler {
	r := participant.Rules{
		Name: "stock", List: "/items", Max: 100,
		Short: httpapi.OutOfStock, Unknown: httpapi.UnknownItem,
		Part: func(c messages.Content) participant.Account {
			return participant.Account{Name: c.Item, Amount: c.Quantity}
		},
	}
	return participant.New(db, client, r, map[string]messages.Reaction{
		"placed":         r.Take("taken", "not-taken"),
		"not-authorized": r.GiveBack("not-taken"),
	})
}
