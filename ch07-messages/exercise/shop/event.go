// Package shop is the chapter's shop with the student's functions in it. The orders, the
// broker, the tables and what delivery does are the chapter's own.
//
// There are two services: an order goes out as one event, upon which delivery books a
// place. Delivery cannot refuse: the customer has got the answer.
package shop

import (
	"github.com/go-json-experiment/json"

	"example.com/dtx/ch07-messages/broker"
	"example.com/dtx/ch07-messages/messages"
	"example.com/dtx/ch07-messages/order"
	"example.com/dtx/internal/httpapi"
)

const placed = "placed" // the name of every event here

// Event is a row of the outbox, and a message to be.
type Event struct {
	ID    string
	Order string
	Body  string
}

// Placed returns the event that an order was placed. The same order gives the same event.
func Placed(o order.Order) (Event, error) {
	e := messages.Event{Name: placed, Order: o.ID, Content: content(o)}
	body, err := json.Marshal(e)
	return Event{e.ID(), o.ID, string(body)}, err
}

func content(o order.Order) messages.Content {
	return messages.Content{
		Customer: o.Customer, Item: o.Item, Quantity: o.Quantity, Slot: o.Slot, Cents: o.Cents,
	}
}

// read returns what a message says.
func read(m broker.Message) (e messages.Event, err error) {
	err = json.Unmarshal([]byte(m.Body), &e, json.RejectUnknownMembers(true))
	if err != nil || e.Name != m.Subject || e.ID() != m.ID {
		return e, httpapi.Malformed.With("%s is no event", m.ID)
	}
	return e, nil
}
