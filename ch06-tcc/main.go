// Chapter 6: the order as TCC: try, confirm, cancel.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"example.com/dtx/ch06-tcc/delivery"
	"example.com/dtx/ch06-tcc/order"
	"example.com/dtx/ch06-tcc/payment"
	"example.com/dtx/ch06-tcc/stock"
	"example.com/dtx/ch06-tcc/tcc"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/cli"
	"example.com/dtx/lab/source"
)

func main() { os.Exit(cli.Main(chapter())) }

func chapter() lab.Chapter {
	return lab.Chapter{
		Name:      "ch06-tcc",
		Title:     "TCC: reserve first",
		Variants:  []lab.Variant{undoing(), reserving()},
		Effects:   effects,
		Scenarios: scenarios(),
		Experiments: []lab.Experiment{
			{Name: "barrier", Claim: "a try fails half-way: what is reserved?", Run: barrier},
			{Name: "others", Claim: "an order is half done, in four protocols: what do others see?",
				Run: others},
			{Name: "between", Claim: "the initiator dies at its decision", Run: between},
			{Name: "cost", Claim: "what one order costs, counted", Run: cost},
			{Name: "compare", Claim: "many orders at once, in four protocols", Run: compare},
			{Name: "dirty", Claim: "a plain writer passes the lock: can AT undo?", Run: dirty},
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
		theLastUnit(),
		lab.SameKey(tea(), lab.Order{Customer: "bob", Item: "salt", Quantity: 1, Slot: "mon-am"}),
		oneAfterTheOther(), rulesNarrower(), stockComesIn(), teaComesIn(), priceRises(),
	}
}

// refused is an order that a participant refuses.
func refused(name, customer, item string, quantity int, slot string) lab.Scenario {
	o := lab.Order{Key: "order-1", Customer: customer, Item: item, Quantity: quantity, Slot: slot}
	return lab.Scenario{Name: name, Orders: []lab.Order{o}, Want: []int{409}, Tries: 5}
}

// theLastUnit is wanted by two orders at once. They meet at each participant.
func theLastUnit() lab.Scenario {
	return lab.Scenario{Name: "the last unit", Want: []int{201, 409}, Orders: []lab.Order{
		{Key: "order-1", Customer: "ada", Item: "truffle", Quantity: 1, Slot: "mon-am"},
		{Key: "order-10", Customer: "bob", Item: "truffle", Quantity: 1, Slot: "mon-am"},
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

// reserving is TCC with a barrier.
func reserving() lab.Variant {
	return lab.Variant{
		Name:       "barrier",
		About:      "each participant reserves first; a barrier notes what has come",
		Price:      "what is reserved is out of reach for others until the decision is known",
		Idempotent: true,
		Messages:   lab.Messages{Most: 200},
		Try:        try(),
		Services: []lab.Service{
			initiator("", tcc.MaxPlaces),
			asked("stock", 7601, stock.Schema, stock.New),
			asked("payment", 7602, payment.Schema, payment.New),
			asked("delivery", 7603, delivery.Schema, delivery.New),
		},
		Spares: []lab.Service{
			initiator(roomForOne, 1), narrower(asked("stock", 7601, stock.Schema, newHalvedStock)),
		},
	}
}

func initiator(version string, room int) lab.Service {
	return lab.Service{
		Name: "order", Version: version, Port: 7600, Schema: order.Schema,
		New: func(db *sqlite.DB, client *http.Client) http.Handler {
			return order.New(db, tcc.New(db, client, room))
		},
		Queries: lab.Queries{
			Effects: `SELECT 'order', id, item, 1 FROM orders JOIN transactions USING (id)
				WHERE state = 'confirming'`,
			Stuck: `SELECT id || ' is ' || state || ', and waits for ' || waiting
				FROM transactions WHERE waiting <> ''`,
		},
	}
}

// asked is a participant. What it has reserved and not confirmed is stuck.
func asked(
	name string, port int, schema string, build func(*sqlite.DB, *http.Client) http.Handler,
) lab.Service {
	return lab.Service{
		Name: name, Port: port, Schema: schema, New: build,
		Queries: lab.Queries{
			Balances: fmt.Sprintf(`SELECT '%s', name, available FROM accounts`, name),
			Effects: fmt.Sprintf(`SELECT '%s', id, name, amount FROM reservations
				JOIN barrier USING (id) WHERE operation = 'confirm'`, name),
			Stuck: `SELECT reserved || ' of ' || name || ' are reserved'
				FROM accounts WHERE reserved <> 0`,
		},
	}
}

// try proposes what to do with the shop when it is served.
func try() []string {
	return []string{
		`curl -s -H 'Idempotency-Key: order-1' -H 'Content-Type: application/json' ` +
			`-d '{"customer":"ada","item":"tea","quantity":2,"slot":"mon-am"}' ` +
			`http://127.0.0.1:7600/orders`,
		`curl -s http://127.0.0.1:7600/orders/order-1`,
		`curl -s http://127.0.0.1:7601/items`,
	}
}

// faults tries every fault on the shop.
func faults(ctx context.Context, t *lab.Teller) error {
	return source.TellScores(ctx, t, chapter(), undoing(), reserving())
}
