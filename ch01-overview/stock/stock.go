// Package stock keeps the units of each item.
package stock

import (
	"net/http"

	"example.com/dtx/ch01-overview/account"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the service's database.
const Schema = account.Schema + `
INSERT INTO accounts VALUES ('salt', 100), ('tea', 10), ('truffle', 1);
`

// New returns the service on its database. An account is an item, in units.
func New(db *sqlite.DB) http.Handler {
	return account.New(db, account.Rules{
		Take: "/take", GiveBack: "/give-back", List: "/items",
		Max: 100, Short: httpapi.OutOfStock, Unknown: httpapi.UnknownItem,
	})
}
