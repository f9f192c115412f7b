// Package stock keeps the units of each item.
package stock

import (
	"example.com/dtx/ch04-saga/participant"
	"example.com/dtx/internal/httpapi"
)

// Schema makes the service's database.
const Schema = participant.Schema + `
INSERT INTO accounts VALUES ('salt', 100), ('tea', 10), ('truffle', 1);`

// Rules returns the rules of the business. An account is an item, in units.
func Rules() participant.Rules {
	return participant.Rules{
		Take: "take", Compensate: "give-back", List: "items",
		Max: 100, Short: httpapi.OutOfStock, Unknown: httpapi.UnknownItem,
	}
}
