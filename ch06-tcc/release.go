package main

import (
	"fmt"
	"net/http"

	"example.com/dtx/ch06-tcc/participant"
	"example.com/dtx/ch06-tcc/stock"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
)

// rulesNarrower is an order that the next version of stock would not take.
func rulesNarrower() lab.Scenario {
	return lab.Scenario{
		Name: "rules narrower", Release: "narrower", Want: []int{201}, Tries: 5,
		Orders: []lab.Order{some("salt", 80)},
	}
}

// roomForOne is the version of the order service that works on one order at a time.
const roomForOne = "room for one"

// oneAfterTheOther: the order service has room for one order, and the next one comes
// at rest.
func oneAfterTheOther() lab.Scenario {
	next := some("salt", 1)
	next.Key = "order-2"
	return lab.Scenario{
		Name: "one after the other", Version: roomForOne, Want: []int{201}, Tries: 5,
		Orders: []lab.Order{tea()}, More: []lab.Order{next},
	}
}

// some is an order of ada's.
func some(item string, quantity int) lab.Order {
	o := tea()
	o.Item, o.Quantity = item, quantity
	return o
}

// stockComesIn: what was refused for want of stock stays refused.
func stockComesIn() lab.Scenario {
	return lab.Scenario{
		Name: "stock comes in", Want: []int{409}, Tries: 5,
		Orders: []lab.Order{some("truffle", 2)},
		Change: lab.Change{
			Service: "stock", Means: "5 truffles come in",
			SQL: "UPDATE accounts SET available = available + 5 WHERE name = 'truffle'",
		},
	}
}

// teaComesIn: a plain local transaction writes to the row that an order may hold just
// now. It knows of no protocol.
func teaComesIn() lab.Scenario {
	return lab.Scenario{
		Name: "tea comes in", Want: []int{201}, Tries: 5, Orders: []lab.Order{tea()},
		Change: moreTea(5),
	}
}

func moreTea(units int) lab.Change {
	return lab.Change{
		Service: "stock", Means: fmt.Sprintf("%d units of tea come in", units),
		SQL: fmt.Sprintf(
			"UPDATE accounts SET available = available + %d WHERE name = 'tea'", units),
	}
}

// priceRises: an order has the price of the time at which it was recorded.
func priceRises() lab.Scenario {
	return lab.Scenario{
		Name: "the price rises", Want: []int{201}, Tries: 5, Orders: []lab.Order{tea()},
		Change: lab.Change{
			Service: "order", Means: "tea costs 600 cents",
			SQL: "UPDATE prices SET cents = 600 WHERE item = 'tea'",
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

// newHalvedStock returns a stock that lets an order take half as much.
func newHalvedStock(db *sqlite.DB, _ *http.Client) http.Handler {
	rules := stock.Rules()
	rules.Max /= 2
	return participant.New(db, rules)
}
