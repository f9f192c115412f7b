package order

import (
	"example.com/dtx/ch07-messages/messages"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// content is what the events of an order carry.
func (o Order) content() messages.Content {
	return messages.Content{
		Customer: o.Customer, Item: o.Item, Quantity: o.Quantity, Slot: o.Slot, Cents: o.Cents,
	}
}

// confirm notes that an order stands.
func confirm(tx *sqlite.Tx, saga string, c *messages.Content) ([]string, error) {
	return nil, decide(tx, saga, *c, "")
}

// refuse notes that an order is refused, and why.
func refuse(tx *sqlite.Tx, saga string, c *messages.Content) ([]string, error) {
	if c.Why.With("").Outcome() != httpapi.Refused {
		return nil, httpapi.Unprocessable.With("why is no refusal")
	}
	return nil, decide(tx, saga, *c, c.Why)
}

// decide notes how an order ended; the first word is the last. The errors are
// httpapi.NotFound and httpapi.KeyReused if there is no such order.
func decide(tx *sqlite.Tx, saga string, c messages.Content, why httpapi.Kind) error {
	o := Order{ID: saga, Request: Request{c.Customer, c.Item, c.Quantity, c.Slot}}
	if err := o.Match(tx); err != nil {
		return err
	}
	_, err := tx.Exec("INSERT INTO decisions VALUES (?, ?) ON CONFLICT DO NOTHING", saga, why)
	return err
}
