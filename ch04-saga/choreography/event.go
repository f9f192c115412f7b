// Package choreography carries out an order without anybody who conducts it:
// each service reacts to the events of its neighbours, and publishes its own in
// the transaction of its effect.
//
// An event is delivered at least once, so every reaction is one that can be
// repeated.
package choreography

import (
	"example.com/dtx/ch04-saga/order"
	"example.com/dtx/ch04-saga/participant"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// News is what every event carries: the order, so that nobody has to ask, and
// why it is refused, if it is.
type News struct {
	Customer string       `json:"customer"`
	Item     string       `json:"item"`
	Quantity int64        `json:"quantity"`
	Slot     string       `json:"slot"`
	Cents    int64        `json:"cents"`
	Why      httpapi.Kind `json:"why"`
}

func newsOf(o order.Order) News {
	return News{o.Customer, o.Item, o.Quantity, o.Slot, o.Cents, ""}
}

func (n News) units() participant.Account {
	return participant.Account{Name: n.Item, Amount: n.Quantity}
}
func (n News) money() participant.Account {
	return participant.Account{Name: n.Customer, Amount: n.Cents}
}
func (n News) place() participant.Account { return participant.Account{Name: n.Slot, Amount: 1} }

// Address is an event and one who is told of it.
type Address struct{ Event, Peer string }

// Reaction is what a service does upon an event, in one transaction, and which
// events that leads to. When the event comes again, it leads to none.
type Reaction func(tx *sqlite.Tx, saga string, n *News) ([]Address, error)
