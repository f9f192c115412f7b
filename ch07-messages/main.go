// Chapter 7: the order over a message broker: outbox, broker, inbox.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"example.com/dtx/ch07-messages/broker"
	"example.com/dtx/ch07-messages/delivery"
	"example.com/dtx/ch07-messages/order"
	"example.com/dtx/ch07-messages/payment"
	"example.com/dtx/ch07-messages/replicated"
	"example.com/dtx/ch07-messages/stock"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/cli"
	"example.com/dtx/lab/source"
)

func main() {
	replicated.Child()
	os.Exit(cli.Main(chapter()))
}

func chapter() lab.Chapter {
	return lab.Chapter{
		Name:      "ch07-messages",
		Title:     "Messages: outbox, broker, inbox",
		Variants:  []lab.Variant{brokered()},
		Effects:   effects,
		Scenarios: scenarios(),
		Experiments: []lab.Experiment{
			{Name: "promises", Claim: "what the broker's own promises cover", Run: tried},
			{Name: "killed", Claim: "a killed broker forgets acknowledgements", Run: killed},
			{Name: "leader", Claim: "three brokers, and their leader is killed", Run: leaderKilled},
			{Name: "cost", Claim: "what one order costs, counted", Run: cost},
			{Name: "load", Claim: "many orders at once, beside a saga over HTTP", Run: many},
			{Name: "faults", Claim: "every single fault", Run: faults},
		},
	}
}

func scenarios() []lab.Scenario {
	return []lab.Scenario{
		{Name: "success", Orders: []lab.Order{tea()}, Want: []int{201}},
		{Name: "retry", Orders: []lab.Order{tea()}, Want: []int{201}, Tries: 5},
		refused("out of stock", "ada", "truffle", 2, "mon-am"),
		refused("insufficient funds", "bob", "tea", 3, "mon-am"),
		refused("slot full", "ada", "tea", 2, "sun-am"),
		two("the last unit", "truffle", 1, "mon-am", "ada", "bob"),
		lab.SameKey(tea(), lab.Order{Customer: "bob", Item: "salt", Quantity: 1, Slot: "mon-am"}),
		two("the last euro", "tea", 2, "mon-am", "bob", "bob"),
		two("the last place", "tea", 1, "sat-pm", "ada", "bob"),
		poison(), prefixes(), stockComesIn(), priceRises(),
	}
}

// refused is an order that a service refuses.
func refused(name, customer, item string, quantity int, slot string) lab.Scenario {
	o := lab.Order{Key: "order-1", Customer: customer, Item: item, Quantity: quantity, Slot: slot}
	return lab.Scenario{Name: name, Orders: []lab.Order{o}, Want: []int{409}, Tries: 5}
}

// two orders are placed at once, and there is enough for one of them.
func two(over, item string, quantity int, slot, first, second string) lab.Scenario {
	return lab.Scenario{Name: over, Want: []int{201, 409}, Orders: []lab.Order{
		{Key: "order-1", Customer: first, Item: item, Quantity: quantity, Slot: slot},
		{Key: "order-10", Customer: second, Item: item, Quantity: quantity, Slot: slot},
	}}
}

// poison: between two orders comes an event that no service can read. It is parked, and
// what comes behind it goes on.
func poison() lab.Scenario {
	next := tea()
	next.Key = "order-2"
	return lab.Scenario{
		Name: "poison", Want: []int{201}, Tries: 5, Orders: []lab.Order{tea()},
		More: []lab.Order{next}, Parked: []string{"placed of order-0 is no event"},
		Change: lab.Change{
			Service: "order", Means: "an event without an order is put into the outbox",
			SQL: `INSERT INTO outbox (id, subject, saga, body, written)
				VALUES ('placed of order-0', 'placed', 'order-0', '{}', 0)`,
		},
	}
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

// brokered is the choreographed order with a broker between the services.
func brokered() lab.Variant {
	return lab.Variant{
		Name:       "broker",
		About:      "each service reacts to events, which a broker keeps and delivers",
		Price:      "answers come late, and no service can say where an order is",
		Idempotent: true,
		Messages:   lab.Messages{Most: 200, Again: "POST /ack/"},
		Waits:      []string{"POST /fetch/"},
		Try:        try(),
		Services: []lab.Service{
			{
				Name: "order", Port: 7700, Schema: order.Schema, Queries: ofOrder(),
				New: func(db *sqlite.DB, client *http.Client) http.Handler {
					return order.New(db, client)
				},
			},
			{Name: "broker", Port: 7704, Open: openBroker},
			reacting("stock", 7701, stock.Schema, stock.New),
			reacting("payment", 7702, payment.Schema, payment.New),
			reacting("delivery", 7703, delivery.Schema, delivery.New),
		},
	}
}

// openBroker says who hears of what.
func openBroker(ctx context.Context, folder string) (http.Handler, error) {
	return broker.Open(ctx, folder,
		broker.Consumer{Name: "order", Subjects: []string{"booked", "not-taken"}},
		broker.Consumer{Name: "stock", Subjects: []string{"placed", "not-authorized"}},
		broker.Consumer{Name: "payment", Subjects: []string{"taken", "not-booked", "booked"}},
		broker.Consumer{Name: "delivery", Subjects: []string{"authorized"}},
	)
}

const (
	unsent = `SELECT id || ' is not published' FROM outbox`
	parked = `SELECT id || ': ' || refusal FROM parked`
)

func ofOrder() lab.Queries {
	return lab.Queries{
		Effects: `SELECT 'order', id, item, 1 FROM orders JOIN decisions USING (id) WHERE why = ''`,
		Stuck: `SELECT id || ' is pending' FROM orders
			WHERE id NOT IN (SELECT id FROM decisions) UNION ALL ` + unsent,
		Parked: parked,
	}
}

// reacting is a service that reacts to events. Only payment finishes what it has taken.
func reacting(
	name string, port int, schema string, build func(*sqlite.DB, *http.Client) http.Handler,
) lab.Service {
	q := lab.Queries{
		Balances: fmt.Sprintf(`SELECT '%s', name, amount FROM accounts`, name),
		Effects: fmt.Sprintf(`SELECT '%s', saga, name, amount FROM effects
			WHERE state <> 'given back'`, name),
		Stuck: unsent, Parked: parked,
	}
	if name == "payment" {
		q.Stuck += ` UNION ALL SELECT saga || ' waits for its capture' FROM effects
			WHERE state = 'taken'`
	}
	return lab.Service{Name: name, Port: port, Schema: schema, New: build, Queries: q}
}

// try proposes what to do with the shop when it is served.
func try() []string {
	return []string{
		`curl -s -H 'Idempotency-Key: order-1' -H 'Content-Type: application/json' ` +
			`-d '{"customer":"ada","item":"tea","quantity":2,"slot":"mon-am"}' ` +
			`http://127.0.0.1:7700/orders`,
		`curl -s http://127.0.0.1:7700/orders/order-1`,
		`curl -s http://127.0.0.1:7701/items`,
	}
}

// faults tries every fault on the shop.
func faults(ctx context.Context, t *lab.Teller) error {
	return source.TellScores(ctx, t, chapter(), brokered())
}
