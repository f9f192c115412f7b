// Package choreography carries out an order without an orchestrator: each service
// reacts to the events of its neighbours, and publishes its own events in the
// transaction of its effect.
//
// An event is delivered at least once, so every reaction can be repeated.
package choreography

import (
	"example.com/dtx/ch04-saga/order"
	"example.com/dtx/ch04-saga/participant"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Content is what every event carries: the order, so that no service has to ask
// for it, and the reason if the order is refused.
type Content struct {
	Customer string       `json:"customer"`
	Item     string       `json:"item"`
	Quantity int64        `json:"quantity"`
	Slot     string       `json:"slot"`
	Cents    int64        `json:"cents"`
	Why      httpapi.Kind `json:"why"`
}

func contentOf(o order.Order) Content {
	return Content{o.Customer, o.Item, o.Quantity, o.Slot, o.Cents, ""}
}

func (c Content) request() order.Request {
	return order.Request{Customer: c.Customer, Item: c.Item, Quantity: c.Quantity, Slot: c.Slot}
}

func (c Content) units() participant.Account {
	return participant.Account{Name: c.Item, Amount: c.Quantity}
}

func (c Content) money() participant.Account {
	return participant.Account{Name: c.Customer, Amount: c.Cents}
}

func (c Content) place() participant.Account { return participant.Account{Name: c.Slot, Amount: 1} }

// validate returns a refusal for what no event of any release can carry.
func (c Content) validate() error {
	for _, part := range []participant.Account{c.units(), c.money(), c.place()} {
		if err := part.Validate(); err != nil {
			return err
		}
	}
	if c.Why != "" && c.Why.With("").Outcome() != httpapi.Refused {
		return httpapi.Unprocessable.With("why is no refusal")
	}
	return nil
}

// Receipt acknowledges an event. It names the saga: an empty answer comes from a
// stranger.
type Receipt struct {
	Saga string `json:"saga"`
}

// Target is an event and the peer that is told of it: "taken to payment".
type Target string

// Reaction is what a service does upon an event, in one transaction. It returns the
// events that this leads to: none if the event has come before.
type Reaction func(tx *sqlite.Tx, saga string, c *Content) ([]Target, error)
