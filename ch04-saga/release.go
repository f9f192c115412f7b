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

// stockComesIn: what was refused for want of stock stays refused.
func stockComesIn() lab.Scenario {
	return lab.Scenario{
		Name: "stock comes in", Want: []int{409}, Tries: 5,
		Orders: []lab.Order{{Key: "order-1", Customer: "ada", Item: "truffle", Quantity: 2, Slot: "mon-am"}},
		Change: lab.Change{Service: "stock", SQL: "UPDATE accounts SET amount = amount + 5 WHERE name = 'truffle'", Means: "5 truffles come in"},
	}
}

// priceRises: an order has the price of the time at which it was recorded.
func priceRises() lab.Scenario {
	return lab.Scenario{
		Name: "the price rises", Want: []int{201}, Tries: 5, Orders: []lab.Order{tea()},
		Change: lab.Change{
			Service: "order", SQL: "UPDATE prices SET cents = 600 WHERE item = 'tea'", Means: "tea costs 600 cents",
			Effects: func(o lab.Order) []lab.Effect {
				list := effects(o)
				for i, e := range list {
					if e.Kind == "payment" {
						list[i].Amount = 600 * int64(o.Quantity)
					}
				}
				return list
			},
		},
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
