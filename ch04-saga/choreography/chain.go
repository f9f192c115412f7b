package choreography

import (
	"net/http"

	"example.com/dtx/ch04-saga/delivery"
	"example.com/dtx/ch04-saga/participant"
	"example.com/dtx/ch04-saga/payment"
	"example.com/dtx/ch04-saga/stock"
	"example.com/dtx/internal/sqlite"
)

// This file is the choreography: a chain, in which each service knows its
// neighbours. Forward it goes order, stock, payment, delivery. When a service
// refuses, the refusal goes back the same way, and each service that hears of it
// compensates its own part.

// NewStock returns the service that takes the units.
func NewStock(db *sqlite.DB, client *http.Client) *Service {
	rules := stock.Rules()
	return newService(db, client, rules, map[string]Reaction{
		"placed":         take(rules, Content.units, "not-taken to order", "taken to payment"),
		"not-authorized": compensate(rules, Content.units, "not-taken to order"),
	})
}

// NewPayment returns the service that authorizes the money, and captures it when
// the order stands.
func NewPayment(db *sqlite.DB, client *http.Client) *Service {
	rules := payment.Rules()
	return newService(db, client, rules, map[string]Reaction{
		"taken": take(rules, Content.money,
			"not-authorized to stock", "authorized to delivery"),
		"not-booked": compensate(rules, Content.money, "not-authorized to stock"),
		"booked":     complete(rules, Content.money),
	})
}

// NewDelivery returns the service that books the place. That is the pivot: both
// services that wait for the end of the order hear of it.
func NewDelivery(db *sqlite.DB, client *http.Client) *Service {
	rules := delivery.Rules()
	return newService(db, client, rules, map[string]Reaction{
		"authorized": take(rules, Content.place,
			"not-booked to payment", "booked to order", "booked to payment"),
	})
}

// part is what a service has to do with an order.
type part = func(Content) participant.Account

// take carries out a service's step, and tells the peers that go on; or tells the
// peer before it that the step is refused.
func take(rules participant.Rules, part part, refused Target, done ...Target) Reaction {
	return func(tx *sqlite.Tx, saga string, c *Content) ([]Target, error) {
		step, err := rules.TakeOut(tx, saga, part(*c))
		switch {
		case err != nil || step.Again:
			return nil, err
		case step.State == participant.Refused:
			c.Why = step.Why
			return []Target{refused}, nil
		}
		return done, nil
	}
}

// compensate compensates a service's step, and passes the refusal on.
func compensate(rules participant.Rules, part part, before Target) Reaction {
	return func(tx *sqlite.Tx, saga string, c *Content) ([]Target, error) {
		step, err := rules.GiveBack(tx, saga, part(*c))
		if err != nil || step.Again {
			return nil, err
		}
		return []Target{before}, nil
	}
}

func complete(rules participant.Rules, part part) Reaction {
	return func(tx *sqlite.Tx, saga string, c *Content) ([]Target, error) {
		_, err := rules.Complete(tx, saga, part(*c))
		return nil, err
	}
}
