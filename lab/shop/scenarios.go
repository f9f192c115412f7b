package shop

import "example.com/dtx/lab"

// Success is one order, whose client asks once.
func Success() lab.Scenario {
	return lab.Scenario{Name: "success", Orders: []lab.Order{Tea()}, Want: []int{201}}
}

// Retry is Success with a client that asks again.
func Retry() lab.Scenario {
	s := Success()
	s.Name, s.Tries = "retry", 5
	return s
}

// Refusals are an order of which there is not enough in stock, one that its customer
// cannot pay, and one for a slot that is full.
func Refusals() []lab.Scenario {
	refused := func(name string, o lab.Order) lab.Scenario {
		return lab.Scenario{Name: name, Want: []int{409}, Tries: 5, Orders: []lab.Order{o}}
	}
	return []lab.Scenario{
		refused("out of stock", Order("ada", "truffle", 2, "mon-am")),
		refused("insufficient funds", Order("bob", "tea", 3, "mon-am")),
		refused("slot full", Order("ada", "tea", 2, "sun-am")),
	}
}

// Race is two orders at once for the same: the first, and one of a customer, who may be
// the same. There is enough for one of them.
func Race(over string, first lab.Order, customer string) lab.Scenario {
	second := first
	second.Key, second.Customer = "order-10", customer
	return lab.Scenario{
		Name: over, Want: []int{201, 409}, Orders: []lab.Order{first, second},
	}
}

// SameKey is the order for tea, and another one at the same moment under its key.
func SameKey() lab.Scenario { return lab.SameKey(Tea(), Order("bob", "salt", 1, "mon-am")) }

// Prefixes are two orders, and the ID of one begins with that of the other.
func Prefixes() lab.Scenario {
	first := Order("bob", "tea", 3, "mon-am")
	first.Key = "order-10"
	return lab.Scenario{
		Name: "ids that are prefixes", InTurn: true, Want: []int{409, 201},
		Orders: []lab.Order{first, Tea()},
	}
}

// RoomForOne is the version of the order service that works on one order at a time.
const RoomForOne = "room for one"

// OneAfterTheOther: the order service has room for one order, and the next one comes
// at rest.
func OneAfterTheOther() lab.Scenario {
	next := Order("ada", "salt", 1, "mon-am")
	next.Key = "order-2"
	return lab.Scenario{
		Name: "one after the other", Version: RoomForOne, Want: []int{201}, Tries: 5,
		Orders: []lab.Order{Tea()}, More: []lab.Order{next},
	}
}

// narrower is the version of stock whose rules are narrower.
const narrower = "narrower"

// Narrower makes stock the version whose rules are narrower.
func Narrower(s lab.Service) lab.Service {
	s.Version = narrower
	return s
}

// RulesNarrower is an order that the next version of stock would not take.
func RulesNarrower() lab.Scenario {
	return lab.Scenario{
		Name: "rules narrower", Release: narrower, Want: []int{201}, Tries: 5,
		Orders: []lab.Order{Order("ada", "salt", 80, "mon-am")},
	}
}

// StockComesIn: what was refused for want of stock stays refused. The column of the
// table accounts is that of what is there.
func StockComesIn(column string) lab.Scenario {
	return lab.Scenario{
		Name: "stock comes in", Want: []int{409}, Tries: 5,
		Orders: []lab.Order{Order("ada", "truffle", 2, "mon-am")},
		Change: lab.Change{
			Service: "stock", Means: "5 truffles come in",
			SQL: "UPDATE accounts SET " + column + " = " + column + " + 5 WHERE name = 'truffle'",
		},
	}
}

// PriceRises: an order has the price of the time at which it was recorded.
func PriceRises() lab.Scenario {
	return lab.Scenario{
		Name: "the price rises", Want: []int{201}, Tries: 5, Orders: []lab.Order{Tea()},
		Change: lab.Change{
			Service: "order", Means: "tea costs 600 cents",
			SQL: "UPDATE prices SET cents = 600 WHERE item = 'tea'",
		},
		Instead: func(o lab.Order) []lab.Effect { return effects(o, 600) },
	}
}
