package main

import (
	"net/http"

	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/ch05-2pc/stock"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
)

// rulesNarrower is an order that the next version of stock would not take.
func rulesNarrower() lab.Scenario {
	return lab.Scenario{
		Name: "rules narrower", Release: "narrower", Want: []int{201}, Tries: 5,
		Orders: []lab.Order{{Key: "order-1", Customer: "ada", Item: "salt", Quantity: 80, Slot: "mon-am"}},
	}
}

// narrower makes a service the version whose rules are narrower.
func narrower(s lab.Service) lab.Service {
	s.Version = "narrower"
	return s
}

// newHalvedStock returns a stock that lets an order take half as much.
func newHalvedStock(db *sqlite.DB, client *http.Client) *participant.Service {
	rules := stock.Rules()
	rules.Max /= 2
	return participant.New(participant.NewRows(db, rules), client, rules)
}
