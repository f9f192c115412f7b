// Package exercise is chapter 7's: messages, written by you.
//
// The shop has two services. Order takes the orders; for each, an event goes over the
// chapter's broker, upon which delivery books a place in a slot. Delivery cannot refuse an
// order: when it hears of it, the customer has got the answer.
//
// The services, their tables and the broker are the chapter's. What goes into which
// transaction, and what the services and the broker hear from each other, is missing. You
// write it, in four files, from top to bottom:
//
//	outbox.go          an order and its event
//	publish.go         from the outbox to the broker
//	receive.go         from the broker into delivery's database, once; and what to do
//	                   with a message that delivery cannot carry out
//	transactional.go   the same order without an outbox, as a transactional message
//
// In the first two steps, delivery is the chapter's own code; in the third and the fourth,
// order is. In the fifth, a second broker keeps the half messages. The last step also tries
// every single fault on all that you have written.
package exercise

import (
	"context"

	"example.com/dtx/ch07-messages/exercise/shop"
	"example.com/dtx/ch07-messages/order"
	"example.com/dtx/course/stub"
)

// Place writes an order down, and sees to it that delivery hears of it: of each order that
// is written down, and of no other. Nil means that the customer is told: confirmed. A
// customer who hears no answer may place the same order again, or may never come back.
//
// s.Update runs a function in one transaction of order's database, s.Publish sends an event
// to the broker. This process may die between any two of them.
//
// You need s.Update, b.Save and b.Put; or is it s.Publish? About 8 lines.
func Place(ctx context.Context, s *shop.Service, o order.Order) error {
	return stub.NotWritten()
}
