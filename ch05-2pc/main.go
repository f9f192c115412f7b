// Chapter 5: two-phase commit, in our own hands and in real databases.
package main

import (
	"fmt"
	"net/http"
	"os"

	"example.com/dtx/ch05-2pc/delivery"
	"example.com/dtx/ch05-2pc/order"
	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/ch05-2pc/payment"
	"example.com/dtx/ch05-2pc/stock"
	"example.com/dtx/ch05-2pc/threepc"
	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/cli"
)

func main() { os.Exit(cli.Main(chapter())) }

// variants lists the shop's forms. The last one is meant when the
// command line does not say which.
func variants() []lab.Variant {
	list, err := inDatabases()
	if err != nil {
		fmt.Fprintln(os.Stderr, err) // and go on without
	}
	return append(list, inThreePhases(), inRows())
}

func chapter() lab.Chapter {
	return lab.Chapter{
		Name:     "ch05-2pc",
		Title:    "Two-phase commit",
		Variants: variants(),
		Effects:  effects,
		Experiments: []lab.Experiment{
			{Name: "cost", Claim: "what one order costs, counted", Run: cost},
			{Name: "blocking", Claim: "the coordinator dies in doubt: who waits?", Run: blocking},
			{Name: "heuristic", Claim: "an operator loses patience", Run: heuristic},
			{
				Name: "databases", Run: databases,
				Claim: "stock in PostgreSQL, payment in MariaDB: all of it dies, and comes back",
			},
			{Name: "faults", Claim: "every single fault", Run: faults},
		},
		Scenarios: []lab.Scenario{
			{Name: "success", Orders: []lab.Order{tea()}, Want: []int{201}},
			{Name: "retry", Orders: []lab.Order{tea()}, Want: []int{201}, Tries: 5},
			{Name: "out of stock", Orders: []lab.Order{{Key: "order-1", Customer: "ada",
				Item: "truffle", Quantity: 2, Slot: "mon-am"}}, Want: []int{409}, Tries: 5},
			{Name: "insufficient funds", Orders: []lab.Order{{Key: "order-1", Customer: "bob",
				Item: "tea", Quantity: 3, Slot: "mon-am"}}, Want: []int{409}, Tries: 5},
			{Name: "slot full", Orders: []lab.Order{{Key: "order-1", Customer: "ada", Item: "tea",
				Quantity: 2, Slot: "sun-am"}}, Want: []int{409}, Tries: 5},
			{Name: "nothing to pay", Orders: []lab.Order{{Key: "order-1", Customer: "ada",
				Item: "leaflet", Quantity: 1, Slot: "mon-am"}}, Want: []int{201}, Tries: 5},
			two("the last unit", "truffle", 1, "any-day", "ada", 409),
			two("the last euro", "tea", 2, "mon-am", "bob", 409),
			two("the last place", "leaflet", 1, "sat-pm", "ada", 409).InDepth(),
			lab.SameKey(tea(), lab.Order{
				Customer: "bob", Item: "salt", Quantity: 1, Slot: "mon-am",
			}),
			two("the same rows", "tea", 1, "mon-am", "ada", 201),
			oneAfterTheOther(), rulesNarrower(), stockComesIn(), priceRises(),
		},
	}
}

// two equal orders are placed at once: they meet at every row.
func two(name, item string, quantity int, slot, customer string, second int) lab.Scenario {
	o := lab.Order{Key: "order-1", Customer: customer, Item: item, Quantity: quantity, Slot: slot}
	again := o
	again.Key = "order-10"
	return lab.Scenario{Name: name, Want: []int{201, second}, Orders: []lab.Order{o, again}}
}

// tea is the order that most of the chapter is about.
func tea() lab.Order {
	return lab.Order{Key: "order-1", Customer: "ada", Item: "tea", Quantity: 2, Slot: "mon-am"}
}

// effects is what one confirmed order does.
func effects(o lab.Order) []lab.Effect {
	cents := map[string]int64{"salt": 50, "tea": 500, "truffle": 900}[o.Item] * int64(o.Quantity)
	list := []lab.Effect{
		{Kind: lab.OrderKind, Order: o.Key, Account: o.Item, Amount: 1},
		{Kind: "stock", Order: o.Key, Account: o.Item, Amount: int64(o.Quantity)},
		{Kind: "delivery", Order: o.Key, Account: o.Slot, Amount: 1},
	}
	if cents > 0 {
		list = append(list, lab.Effect{Kind: "payment", Order: o.Key, Account: o.Customer,
			Amount: cents})
	}
	return list
}

// inRows is two-phase commit by hand: a prepared branch is a row.
func inRows() lab.Variant {
	return lab.Variant{
		Name:       "rows",
		About:      "two-phase commit; each service uses SQLite, and what it has prepared is a row",
		Price:      "rows are locked while the coordinator is away",
		Idempotent: true,
		Messages:   lab.Messages{Most: 200},
		Try:        try(), Unforced: true, // an abort unlocks
		Services: []lab.Service{
			coordinator("", twopc.MaxPlaces),
			inOwnRows("stock", 7501, stock.Schema, stock.New),
			inOwnRows("payment", 7502, payment.Schema, payment.New),
			inOwnRows("delivery", 7503, delivery.Schema, delivery.New),
		},
		Spares: []lab.Service{
			coordinator(roomForOne, 1),
			narrower(inOwnRows("stock", 7501, stock.Schema, newHalvedStock)),
		},
	}
}

func coordinator(version string, room int) lab.Service {
	return lab.Service{
		Name: "order", Version: version, Port: 7500, Schema: order.Schema,
		New: func(db *sqlite.DB, client *http.Client) http.Handler {
			return order.New(db, twopc.New(db, client, room))
		},
		Queries: lab.Queries{
			Effects: `SELECT 'order', id, item, 1 FROM orders WHERE refused = '' ORDER BY id`,
			Stuck: `SELECT order_id || ': not acknowledged by ' || waiting FROM decisions
				WHERE waiting <> '' AND parked = '' ORDER BY order_id`,
			Parked: `SELECT id || ': not acknowledged by ' || waiting || ': ' || parked
				FROM decisions
				WHERE waiting <> '' AND parked <> '' ORDER BY order_id`,
		},
	}
}

func inOwnRows(
	name string, port int, schema string,
	build func(*sqlite.DB, *http.Client) *participant.Service,
) lab.Service {
	return lab.Service{
		Name: name, Port: port, Schema: schema,
		New: func(db *sqlite.DB, client *http.Client) http.Handler { return build(db, client) },
		Queries: lab.Queries{
			Balances: `SELECT '` + name + `', name, amount FROM accounts ORDER BY name`,
			Effects: `SELECT '` + name + `', order_id, name, amount FROM branches
				WHERE state = 'committed' ORDER BY id`,
			Stuck: `SELECT '` + name + `: ' || name || ' is locked by ' || id FROM branches
				WHERE state = 'prepared' ORDER BY id`,
		},
	}
}

// inThreePhases is what the laboratory refutes: participants that decide without the
// coordinator.
func inThreePhases() lab.Variant {
	orders := participant.Rules{List: "/orders", Max: 1, Unknown: httpapi.UnknownItem}
	const sold = "INSERT INTO accounts VALUES ('tea', 1000000);" // as many orders as there may be
	o := deciding("order", 7500, sold, orders, "stock", "payment", "delivery")
	o.Queries.Balances = ""
	o.Queries.Effects = `SELECT 'order', order_id, name, 1 FROM branches WHERE state = 'committed'`
	return lab.Variant{
		Name:  "three-phase",
		About: "three-phase commit: participants that are left alone decide among themselves",
		Price: "a network that is cut in two commits on one side and aborts on the other",
		Services: []lab.Service{
			o,
			deciding("stock", 7501, stock.Accounts, stock.Rules(), "order", "payment", "delivery"),
			deciding("payment", 7502, payment.Accounts, payment.Rules(), "order", "stock",
				"delivery"),
			deciding("delivery", 7503, delivery.Accounts, delivery.Rules(), "order", "stock",
				"payment"),
		},
	}
}

// deciding is a participant that asks its peers.
func deciding(
	name string, port int, accounts string, rules participant.Rules, peers ...string,
) lab.Service {
	s := inOwnRows(name, port, threepc.Schema+accounts, nil)
	s.New = func(db *sqlite.DB, client *http.Client) http.Handler {
		return threepc.New(db, client,
			rules, peers...)
	}
	return s
}

// try proposes what to do with the shop when it is served.
func try() []string {
	const header = `-H 'Idempotency-Key: order-1' -H 'Content-Type: application/json'`
	const body = `'{"customer":"ada","item":"tea","quantity":2,"slot":"mon-am"}'`
	return []string{
		fmt.Sprintf(`curl -s %s -d %s http://127.0.0.1:%d/orders`, header, body, 7500),
		`curl -s http://127.0.0.1:7500/orders/order-1`,
		`curl -s http://127.0.0.1:7500/transactions/order-1.1.1`,
		`curl -s http://127.0.0.1:7501/items`,
	}
}
