package main

import "example.com/dtx/lab"

// prefixes are two orders, and the ID of one begins with that of the other.
func prefixes() lab.Scenario {
	first := tea()
	first.Key, first.Customer, first.Quantity = "order-10", "bob", 3
	return lab.Scenario{
		Name: "ids that are prefixes", InTurn: true, Want: []int{409, 201},
		Orders: []lab.Order{first, tea()},
	}
}

// stockComesIn: what was refused for want of stock stays refused.
func stockComesIn() lab.Scenario {
	truffles := tea()
	truffles.Item = "truffle"
	return lab.Scenario{
		Name: "stock comes in", Want: []int{409}, Tries: 5, Orders: []lab.Order{truffles},
		Change: lab.Change{
			Service: "stock", Means: "5 truffles come in",
			SQL: "UPDATE accounts SET amount = amount + 5 WHERE name = 'truffle'",
		},
	}
}

// priceRises: an order has the price of the time at which it was recorded.
func priceRises() lab.Scenario {
	return lab.Scenario{
		Name: "the price rises", Want: []int{201}, Tries: 5, Orders: []lab.Order{tea()},
		Change: lab.Change{
			Service: "order", Means: "tea costs 600 cents",
			SQL: "UPDATE prices SET cents = 600 WHERE item = 'tea'", Effects: dearer,
		},
	}
}

// dearer is what a confirmed order does when tea costs 600 cents.
func dearer(o lab.Order) []lab.Effect {
	list := effects(o)
	for i, e := range list {
		if e.Kind == "payment" {
			list[i].Amount = 600 * int64(o.Quantity)
		}
	}
	return list
}
