// Chapter 1: one shop, two architectures, and every fault.
package main

import (
	"net/http"
	"os"
	"slices"

	"example.com/dtx/ch01-overview/delivery"
	"example.com/dtx/ch01-overview/monolith"
	"example.com/dtx/ch01-overview/order"
	"example.com/dtx/ch01-overview/payment"
	"example.com/dtx/ch01-overview/recommend"
	"example.com/dtx/ch01-overview/stock"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/cli"
	"example.com/dtx/lab/shop"
)

func main() { os.Exit(cli.Main(chapter())) }

func chapter() lab.Chapter {
	return lab.Chapter{
		Name:     "ch01-overview",
		Title:    "One shop, two architectures",
		Variants: []lab.Variant{inOneProcess(), inServices()},
		Default:  "services",
		Effects:  shop.Effects,
		Experiments: []lab.Experiment{
			{
				Name: "processes", Run: processes,
				Claim: "each service in a process of its own, talking HTTP",
			},
			{
				Name: "flexibility", Run: flexibility,
				Claim: "a new version of one service, while the shop is open",
			},
			{
				Name: "scalability", Run: scalability,
				Claim: "more copies of one service, and of no other",
			},
			{
				Name: "resilience", Run: resilience,
				Claim: "one service crashes: who goes down with it?",
			},
			{Name: "diversity", Claim: "one service in another language", Run: diversity},
			{Name: "cost", Claim: "what one order costs, in both architectures", Run: cost},
			{
				Name: "consistency", Run: consistency,
				Claim: "every single fault, in both architectures",
			},
		},
		Scenarios: slices.Concat(
			[]lab.Scenario{shop.Success(), shop.Retry()}, shop.Refusals(), atOnce(),
		),
	}
}

// atOnce are situations in which orders meet.
func atOnce() []lab.Scenario {
	return []lab.Scenario{
		shop.Race("the last unit", shop.Order("ada", "truffle", 1, "mon-am"), "bob").InDepth(),
		shop.SameKey(),
		shop.Race("the last euro", shop.Order("bob", "tea", 2, "mon-am"), "bob"),
		shop.Race("the last place", shop.Order("ada", "tea", 1, "sat-pm"), "bob"),
		theUnitThatComesBack(),
	}
}

// theUnitThatComesBack: bob takes the last truffle, and cannot have it, because
// his slot is full. Until he gives it back, ada cannot have it either.
func theUnitThatComesBack() lab.Scenario {
	const name = "the unit that comes back"
	return lab.Scenario{Name: name, Want: []int{201, 409}, Orders: []lab.Order{
		{Key: "order-1", Customer: "bob", Item: "truffle", Quantity: 1, Slot: "sun-am"},
		{Key: "order-10", Customer: "ada", Item: "truffle", Quantity: 1, Slot: "mon-am"},
	}}
}

func inOneProcess() lab.Variant {
	return lab.Variant{
		Name:       "monolith",
		About:      "one process, one database, an order is one transaction",
		Price:      "one process, one database",
		Idempotent: true,
		Try:        shop.Commands("shop", "shop"),
		Services: []lab.Service{{
			Name: "shop", Schema: monolith.Schema,
			New: func(db *sqlite.DB, _ *http.Client) http.Handler { return monolith.New(db) },
			Queries: lab.Queries{
				Balances: `SELECT 'stock', item, units FROM items
					UNION ALL SELECT 'payment', customer, cents FROM customers
					UNION ALL SELECT 'delivery', slot, places FROM slots`,
				Effects: `SELECT 'order', id, item, 1 FROM orders WHERE refused = ''
					UNION ALL SELECT 'stock', id, item, quantity FROM orders WHERE refused = ''
					UNION ALL SELECT 'payment', id, customer, cents FROM orders WHERE refused = ''
					UNION ALL SELECT 'delivery', id, slot, 1 FROM orders WHERE refused = ''`,
			},
		}},
	}
}

func inServices() lab.Variant {
	return lab.Variant{
		Name:  "services",
		About: "a process and a database each, and no protocol between them",
		Price: "none: it shows the problem",
		Try:   shop.Commands("order", "stock"),
		Services: []lab.Service{
			{
				Name: "order", Schema: order.Schema,
				New: func(db *sqlite.DB, client *http.Client) http.Handler {
					return order.New(db, client)
				},
				Queries: lab.Queries{Effects: `SELECT 'order', id, item, 1 FROM orders`},
			},
			account("stock", stock.Schema, stock.New),
			account("payment", payment.Schema, payment.New),
			account("delivery", delivery.Schema, delivery.New),
			recommended("2", recommend.GoesWith),
		},
		Spares: []lab.Service{recommended("1", recommend.BestSellers)},
	}
}

func recommended(version string, pick recommend.Pick) lab.Service {
	return lab.Service{
		Name: "recommend", Version: version,
		New: func(*sqlite.DB, *http.Client) http.Handler { return recommend.New(pick) },
	}
}

// account is a service that keeps accounts.
func account(
	name, schema string, build func(*sqlite.DB) http.Handler,
) lab.Service {
	return lab.Service{
		Name: name, Schema: schema,
		New: func(db *sqlite.DB, _ *http.Client) http.Handler { return build(db) },
		Queries: lab.Queries{
			Balances: `SELECT '` + name + `', name, amount FROM accounts`,
			Effects:  `SELECT '` + name + `', order_id, name, amount FROM effects`,
		},
	}
}
