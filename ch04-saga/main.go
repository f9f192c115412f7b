// Chapter 4: the order as a saga, orchestrated and choreographed.
package main

import (
	"fmt"
	"net/http"
	"os"

	"example.com/dtx/ch04-saga/choreography"
	"example.com/dtx/ch04-saga/delivery"
	"example.com/dtx/ch04-saga/order"
	"example.com/dtx/ch04-saga/participant"
	"example.com/dtx/ch04-saga/payment"
	"example.com/dtx/ch04-saga/saga"
	"example.com/dtx/ch04-saga/stock"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/cli"
)

func main() { os.Exit(cli.Main(chapter())) }

func chapter() lab.Chapter {
	return lab.Chapter{
		Name:      "ch04-saga",
		Title:     "Saga: compensate what has been committed",
		Variants:  []lab.Variant{choreographed(), orchestrated()},
		Effects:   effects,
		Scenarios: scenarios(),
		Experiments: []lab.Experiment{
			{Name: "forward", Claim: "an order that goes through", Run: forward},
			{Name: "backward", Claim: "an order that is refused at the pivot", Run: backward},
			{Name: "recovery", Claim: "the orchestrator dies in the middle", Run: recovery},
			{Name: "isolation", Claim: "what others see of a saga that is half done", Run: missing},
			{Name: "cost", Claim: "what one order costs", Run: cost},
			{
				Name: "load", Run: many,
				Claim: "what many orders at once cost, beside the same calls bare",
			},
			{Name: "stuck", Claim: "orders that do not end, as an operator sees them", Run: stuck},
			{Name: "faults", Claim: "every single fault, in both forms", Run: faults},
		},
	}
}

func scenarios() []lab.Scenario {
	return []lab.Scenario{
		{Name: "success", Orders: []lab.Order{tea()}, Want: []int{201}},
		{Name: "retry", Orders: []lab.Order{tea()}, Want: []int{201}, Tries: 5},
		refusedOrder("out of stock", "truffle", 2, "mon-am", "ada"),
		refusedOrder("insufficient funds", "tea", 3, "mon-am", "bob"),
		refusedOrder("slot full", "tea", 2, "sun-am", "ada"),
		{Name: "ids that are prefixes", InTurn: true, Want: []int{409, 201}, Orders: []lab.Order{
			{Key: "order-10", Customer: "bob", Item: "tea", Quantity: 3, Slot: "mon-am"}, tea(),
		}},
		two("the last unit", "truffle", 1, "mon-am", "ada", "bob").InDepth(),
		lab.SameKey(tea(), lab.Order{Customer: "bob", Item: "salt", Quantity: 1, Slot: "mon-am"}),
		two("the last euro", "tea", 2, "mon-am", "bob", "bob"),
		two("the last place", "tea", 1, "sat-pm", "ada", "bob"),
		oneAfterTheOther(), rulesNarrower(), stockComesIn(), priceRises(),
	}
}

// refusedOrder is one order that the shop cannot carry out.
func refusedOrder(short, item string, quantity int, slot, customer string) lab.Scenario {
	return lab.Scenario{Name: short, Want: []int{409}, Tries: 5, Orders: []lab.Order{
		{Key: "order-1", Customer: customer, Item: item, Quantity: quantity, Slot: slot},
	}}
}

// two orders are placed at once, and there is enough for one of them.
func two(over, item string, quantity int, slot, first, second string) lab.Scenario {
	return lab.Scenario{Name: over, Want: []int{201, 409}, Orders: []lab.Order{
		{Key: "order-1", Customer: first, Item: item, Quantity: quantity, Slot: slot},
		{Key: "order-10", Customer: second, Item: item, Quantity: quantity, Slot: slot},
	}}
}

// tea is the order that most of the chapter is about.
func tea() lab.Order {
	return lab.Order{Key: "order-1", Customer: "ada", Item: "tea", Quantity: 2, Slot: "mon-am"}
}

// effects is what one confirmed order does.
func effects(o lab.Order) []lab.Effect {
	price := map[string]int64{"salt": 50, "tea": 500, "truffle": 900}[o.Item] // cents
	return []lab.Effect{
		{Kind: lab.OrderKind, Order: o.Key, Account: o.Item, Amount: 1},
		{Kind: "stock", Order: o.Key, Account: o.Item, Amount: int64(o.Quantity)},
		{Kind: "payment", Order: o.Key, Account: o.Customer, Amount: price * int64(o.Quantity)},
		{Kind: "delivery", Order: o.Key, Account: o.Slot, Amount: 1},
	}
}

// mostMessages bounds the requests between services for one order: under one fault,
// with all repetitions.
const mostMessages = 200

func orchestrated() lab.Variant {
	return lab.Variant{
		Name:       "orchestrated",
		About:      "one service knows all steps, and asks for each",
		Price:      "states in between are seen by others",
		Idempotent: true,
		Try:        try(7400, 7401),
		Messages: lab.Messages{Most: mostMessages, Undoes: map[string]string{
			"POST /give-back": "POST /take", "POST /void": "POST /authorize",
		}},
		Services: []lab.Service{
			orchestrator("", saga.MaxPlaces),
			asked("stock", 7401, stock.Schema, stock.Rules()),
			asked("payment", 7402, payment.Schema, payment.Rules()),
			asked("delivery", 7403, delivery.Schema, delivery.Rules()),
		},
		Spares: []lab.Service{
			withoutSaga(), orchestrator(roomForOne, 1),
			narrower(asked("stock", 7401, stock.Schema, halved(stock.Rules()))),
		},
	}
}

func orchestrator(version string, room int) lab.Service {
	return lab.Service{
		Name: "order", Version: version, Port: 7400, Schema: order.Schema,
		New: func(db *sqlite.DB, client *http.Client) http.Handler {
			return order.New(db, saga.New(db, client, room))
		},
		Queries: lab.Queries{
			Effects: `SELECT 'order', id, item, 1 FROM orders JOIN sagas USING (id)
				WHERE state = 'done'`,
			Stuck: `SELECT id || ' is ' || state || ', open' FROM sagas WHERE open = 1`,
		},
	}
}

// asked is a participant that does what the orchestrator asks it.
func asked(name string, port int, schema string, rules participant.Rules) lab.Service {
	return lab.Service{
		Name: name, Port: port, Schema: schema, Queries: queries(name, rules),
		New: func(db *sqlite.DB, _ *http.Client) http.Handler {
			return participant.New(db, rules.List, rules.Calls())
		},
	}
}

func choreographed() lab.Variant {
	return lab.Variant{
		Name:       "choreographed",
		About:      "no service knows all steps: each reacts to the events of its neighbours",
		Price:      "the same, and no service can say where an order is",
		Idempotent: true,
		Try:        try(7410, 7411),
		Messages:   lab.Messages{Most: mostMessages},
		Services: []lab.Service{
			{
				Name: "order", Port: 7410, Schema: choreography.OrderSchema,
				New: func(db *sqlite.DB, client *http.Client) http.Handler {
					return choreography.NewOrder(db, client)
				},
				Queries: lab.Queries{
					Effects: `SELECT 'order', id, item, 1 FROM orders JOIN decisions USING (id)
						WHERE why = ''`,
					Stuck: `SELECT id || ' is pending' FROM orders
						WHERE id NOT IN (SELECT id FROM decisions) UNION ALL ` + unsent,
				},
			},
			reacting("stock", 7411, stock.Schema, stock.Rules(), choreography.NewStock),
			reacting("payment", 7412, payment.Schema, payment.Rules(), choreography.NewPayment),
			reacting("delivery", 7413, delivery.Schema, delivery.Rules(), choreography.NewDelivery),
		},
	}
}

const unsent = `SELECT event || ' of ' || saga || ' is not delivered' FROM outbox`

// reacting is a participant that does what events ask for.
func reacting(
	name string, port int, schema string, rules participant.Rules,
	build func(*sqlite.DB, *http.Client) *choreography.Service,
) lab.Service {
	s := lab.Service{
		Name: name, Port: port, Schema: schema + choreography.OutboxSchema,
		Queries: queries(name, rules),
		New:     func(db *sqlite.DB, client *http.Client) http.Handler { return build(db, client) },
	}
	if s.Queries.Stuck != "" {
		s.Queries.Stuck += " UNION ALL "
	}
	s.Queries.Stuck += unsent
	return s
}

// queries audit a participant. What it took and has not finished is stuck.
func queries(name string, rules participant.Rules) lab.Queries {
	q := lab.Queries{
		Balances: fmt.Sprintf(`SELECT '%s', name, amount FROM accounts`, name),
		Effects: fmt.Sprintf(`SELECT '%s', saga, name, amount FROM steps
			WHERE step = '%s' AND state = 'done'`, name, rules.Take),
	}
	if rules.Finish != "" {
		q.Stuck = fmt.Sprintf(`SELECT saga || ' waits for %[2]s' FROM steps AS taken
			WHERE step = '%[1]s' AND state = 'done' AND NOT EXISTS
				(SELECT 1 FROM steps WHERE saga = taken.saga AND step = '%[2]s')`,
			rules.Take, rules.Finish)
	}
	return q
}

// try proposes what to do with the shop when it is served.
func try(orders, stock int) []string {
	const header = `-H 'Idempotency-Key: order-1' -H 'Content-Type: application/json'`
	const body = `'{"customer":"ada","item":"tea","quantity":2,"slot":"mon-am"}'`
	return []string{
		fmt.Sprintf(`curl -s %s -d %s http://127.0.0.1:%d/orders`, header, body, orders),
		fmt.Sprintf(`curl -s http://127.0.0.1:%d/orders/order-1`, orders),
		fmt.Sprintf(`curl -s http://127.0.0.1:%d/items`, stock),
	}
}
