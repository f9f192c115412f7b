package choreography

import (
	"net/http"

	"example.com/dtx/ch04-saga/delivery"
	"example.com/dtx/ch04-saga/participant"
	"example.com/dtx/ch04-saga/payment"
	"example.com/dtx/ch04-saga/stock"
	"example.com/dtx/internal/sqlite"
)

// This file is the choreography: a chain, in which each knows its neighbours.
// Forward it goes order, stock, payment, delivery. When somebody refuses, the
// refusal goes back the same way, and each who hears of it undoes its own part.

// NewStock returns the service that takes the units.
func NewStock(db *sqlite.DB, client *http.Client) *Service {
	rules := stock.Rules()
	return newService(db, client, rules, map[string]Reaction{
		"placed":         try(rules, News.units, []Address{{"taken", "payment"}}, Address{"not-taken", "order"}),
		"not-authorized": undo(rules, News.units, Address{"not-taken", "order"}),
	})
}

// NewPayment returns the service that authorizes the money, and captures it when
// the order stands.
func NewPayment(db *sqlite.DB, client *http.Client) *Service {
	rules := payment.Rules()
	return newService(db, client, rules, map[string]Reaction{
		"taken":      try(rules, News.money, []Address{{"authorized", "delivery"}}, Address{"not-authorized", "stock"}),
		"not-booked": undo(rules, News.money, Address{"not-authorized", "stock"}),
		"booked":     end(rules, News.money),
	})
}

// NewDelivery returns the service that books the place. That is the pivot: both
// who wait for the end of the order hear of it.
func NewDelivery(db *sqlite.DB, client *http.Client) *Service {
	rules := delivery.Rules()
	return newService(db, client, rules, map[string]Reaction{
		"authorized": try(rules, News.place, []Address{{"booked", "order"}, {"booked", "payment"}}, Address{"not-booked", "payment"}),
	})
}

// try does a service's part of an order, and says so to those who go on; or says
// to the one before that it is refused.
func try(rules participant.Rules, part func(News) participant.Account, done []Address, refused Address) Reaction {
	return func(tx *sqlite.Tx, saga string, n *News) ([]Address, error) {
		step, err := rules.Take(tx, saga, part(*n))
		switch {
		case err != nil || step.Again:
			return nil, err
		case step.State == participant.Refused:
			n.Why = step.Why
			return []Address{refused}, nil
		}
		return done, nil
	}
}

// undo undoes a service's part, and passes the refusal on.
func undo(rules participant.Rules, part func(News) participant.Account, before Address) Reaction {
	return func(tx *sqlite.Tx, saga string, n *News) ([]Address, error) {
		step, err := rules.GiveBack(tx, saga, part(*n))
		if err != nil || step.Again {
			return nil, err
		}
		return []Address{before}, nil
	}
}

func end(rules participant.Rules, part func(News) participant.Account) Reaction {
	return func(tx *sqlite.Tx, saga string, n *News) ([]Address, error) {
		_, err := rules.End(tx, saga, part(*n))
		return nil, err
	}
}
