// Package delivery keeps the places in each delivery slot. A booked place is not
// given back: by then the saga has passed its pivot.
package delivery

import (
	"example.com/dtx/ch04-saga/participant"
	"example.com/dtx/internal/httpapi"
)

// Schema makes the service's database.
const Schema = participant.Schema + `
INSERT INTO accounts VALUES ('any-day', 100), ('mon-am', 5), ('sat-pm', 1), ('sun-am', 0);`

// Rules returns the rules of the business. An account is a slot, in places.
func Rules() participant.Rules {
	return participant.Rules{
		Take: "book", List: "slots",
		Max: 1, Short: httpapi.SlotFull, Unknown: httpapi.UnknownSlot,
	}
}
