package exercise

import (
	"fmt"
	"net/http"
	"slices"

	"example.com/dtx/ch04-saga/exercise/shop"
	"example.com/dtx/ch04-saga/order"
	"example.com/dtx/ch04-saga/participant"
	"example.com/dtx/ch04-saga/saga"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
)

// exercise is the chapter that the steps play.
func exercise(scenarios ...lab.Scenario) lab.Chapter {
	return lab.Chapter{Name: "ch04-saga/exercise", Effects: effects, Scenarios: scenarios}
}

func success() lab.Scenario { return single("success", 201, tea("order-1", "ada")) }

func outOfStock() lab.Scenario {
	o := tea("order-1", "ada")
	o.Item = "truffle"
	return single("out of stock", 409, o)
}

func slotFull() lab.Scenario {
	o := tea("order-1", "ada")
	o.Slot = "sun-am"
	return single("slot full", 409, o)
}

func insufficientFunds() lab.Scenario {
	o := tea("order-1", "bob")
	o.Quantity = 3
	return single("insufficient funds", 409, o)
}

func single(name string, status int, o lab.Order) lab.Scenario {
	return lab.Scenario{Name: name, Orders: []lab.Order{o}, Want: []int{status}, Tries: 5}
}

// theLastUnit is wanted by two customers at once.
func theLastUnit() lab.Scenario {
	ada, bob := tea("order-1", "ada"), tea("order-10", "bob")
	ada.Item, ada.Quantity, bob.Item, bob.Quantity = "truffle", 1, "truffle", 1
	return lab.Scenario{
		Name: "the last unit", Orders: []lab.Order{ada, bob}, Want: []int{201, 409},
	}
}

func tea(key, customer string) lab.Order {
	return lab.Order{Key: key, Customer: customer, Item: "tea", Quantity: 2, Slot: "mon-am"}
}

// effects is what a confirmed order has done.
func effects(o lab.Order) []lab.Effect {
	price := map[string]int64{"tea": 500, "truffle": 900}[o.Item] // cents
	return []lab.Effect{
		{Kind: lab.OrderKind, Order: o.Key, Account: o.Item, Amount: 1},
		{Kind: "stock", Order: o.Key, Account: o.Item, Amount: int64(o.Quantity)},
		{Kind: "payment", Order: o.Key, Account: o.Customer, Amount: price * int64(o.Quantity)},
		{Kind: "delivery", Order: o.Key, Account: o.Slot, Amount: 1},
	}
}

// only is the chapter with orders that have effects at some services.
func only(c lab.Chapter, services ...string) lab.Chapter {
	c.Effects = func(o lab.Order) []lab.Effect {
		return slices.DeleteFunc(effects(o), func(e lab.Effect) bool {
			return e.Kind != lab.OrderKind && !slices.Contains(services, e.Kind)
		})
	}
	return c
}

// with is the shop with a plan, and with what the student has written.
func with(plan func(order.Order) ([]saga.Step, error)) lab.Variant {
	return lab.Variant{Name: "yours", Services: []lab.Service{
		{
			Name: "order", Schema: order.Schema,
			New: func(db *sqlite.DB, client *http.Client) http.Handler {
				yours := shop.Yours{Plan: plan, Recover: Recover}
				return order.New(db, shop.New(db, client, yours))
			},
			Queries: lab.Queries{
				Effects: `SELECT 'order', id, item, 1 FROM orders JOIN sagas USING (id)
					WHERE state = 'done'`,
				Stuck: `SELECT id || ' is ' || state || ', open' FROM sagas WHERE open = 1`,
			},
		},
		part("stock", `('tea', 10), ('truffle', 1)`, participant.Rules{
			Take: "reserve", Compensate: "release", Finish: "ship", Short: httpapi.OutOfStock,
		}),
		part("delivery", `('mon-am', 5), ('sun-am', 0)`, participant.Rules{
			Take: "book", Compensate: "cancel", Short: httpapi.SlotFull,
		}),
		part("payment", `('ada', 10000), ('bob', 1000)`, participant.Rules{
			Take: "charge", Short: httpapi.InsufficientFunds,
		}),
	}}
}

func part(name, accounts string, rules participant.Rules) lab.Service {
	s := lab.Service{
		Name: name, Schema: shop.Schema + "INSERT INTO accounts VALUES " + accounts + ";",
		New: func(db *sqlite.DB, _ *http.Client) http.Handler {
			return shop.NewParticipant(db, rules, shop.Part{Take: Take, GiveBack: GiveBack})
		},
		Queries: lab.Queries{
			Balances: fmt.Sprintf(`SELECT '%s', name, amount FROM accounts`, name),
			Effects: fmt.Sprintf(`SELECT '%s', saga, name, sum(amount) FROM moves
				GROUP BY saga, name HAVING sum(amount) <> 0`, name),
		},
	}
	if rules.Finish != "" {
		s.Queries.Stuck = fmt.Sprintf(`SELECT saga || ' waits for %[2]s' FROM steps AS taken
			WHERE step = '%[1]s' AND state = 'done' AND NOT EXISTS
			(SELECT 1 FROM steps WHERE saga = taken.saga AND step = '%[2]s')`,
			rules.Take, rules.Finish)
	}
	return s
}
