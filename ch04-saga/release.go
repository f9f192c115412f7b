package main

import (
	"example.com/dtx/ch04-saga/participant"
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

// halved allows a step to take half as much.
func halved(rules participant.Rules) participant.Rules {
	rules.Max /= 2
	return rules
}
