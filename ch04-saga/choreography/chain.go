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
		"placed":         take(rules, Content.units, []Target{{"taken", "payment"}}, Target{"not-taken", "order"}),
		"not-authorized": compensate(rules, Content.units, Target{"not-taken", "order"}),
	})
}

// NewPayment returns the service that authorizes the money, and captures it when
// the order stands.
func NewPayment(db *sqlite.DB, client *http.Client) *Service {
	rules := payment.Rules()
	return newService(db, client, rules, map[string]Reaction{
		"taken":      take(rules, Content.money, []Target{{"authorized", "delivery"}}, Target{"not-authorized", "stock"}),
		"not-booked": compensate(rules, Content.money, Target{"not-authorized", "stock"}),
		"booked":     complete(rules, Content.money),
	})
}

// NewDelivery returns the service that books the place. That is the pivot: both
// services that wait for the end of the order hear of it.
func NewDelivery(db *sqlite.DB, client *http.Client) *Service {
	rules := delivery.Rules()
	return newService(db, client, rules, map[string]Reaction{
		"authorized": take(rules, Content.place, []Target{{"booked", "order"}, {"booked", "payment"}}, Target{"not-booked", "payment"}),
	})
}

// take carries out a service's step, and tells the peers that go on; or tells the
// peer before it that the step is refused.
func take(rules participant.Rules, part func(Content) participant.Account, done []Target, refused Target) Reaction {
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
func compensate(rules participant.Rules, part func(Content) participant.Account, before Target) Reaction {
	return func(tx *sqlite.Tx, saga string, c *Content) ([]Target, error) {
		step, err := rules.GiveBack(tx, saga, part(*c))
		if err != nil || step.Again {
			return nil, err
		}
		return []Target{before}, nil
	}
}

func complete(rules participant.Rules, part func(Content) participant.Account) Reaction {
	return func(tx *sqlite.Tx, saga string, c *Content) ([]Target, error) {
		_, err := rules.Complete(tx, saga, part(*c))
		return nil, err
	}
}
