package exercise

import (
	"fmt"
	"net/http"

	"example.com/dtx/ch04-saga/exercise/shop"
	"example.com/dtx/ch04-saga/order"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
)

// exercise is the chapter that the steps play. An order has the effects of
// these services.
func exercise(services ...string) lab.Chapter {
	tea := lab.Order{Key: "order-1", Customer: "ada", Item: "tea", Quantity: 2, Slot: "mon-am"}
	with := func(change func(*lab.Order)) []lab.Order {
		o := tea
		change(&o)
		return []lab.Order{o}
	}
	return lab.Chapter{
		Name:    "ch04-saga/exercise",
		Effects: effects(services),
		Scenarios: []lab.Scenario{
			{Name: "success", Orders: []lab.Order{tea}, Want: []int{201}, Tries: 5},
			{Name: "out of stock", Orders: with(func(o *lab.Order) { o.Item = "truffle" }), Want: []int{409}, Tries: 5},
			{Name: "slot full", Orders: with(func(o *lab.Order) { o.Slot = "sun-am" }), Want: []int{409}, Tries: 5},
			{Name: "insufficient funds", Orders: with(func(o *lab.Order) { o.Customer = "bob"; o.Quantity = 3 }), Want: []int{409}, Tries: 5},
			{Name: "the last unit", Want: []int{201, 409}, Orders: []lab.Order{
				{Key: "order-1", Customer: "ada", Item: "truffle", Quantity: 1, Slot: "mon-am"},
				{Key: "order-10", Customer: "bob", Item: "truffle", Quantity: 1, Slot: "mon-am"},
			}},
		},
	}
}

// effects is what a confirmed order has done at some services.
func effects(services []string) func(lab.Order) []lab.Effect {
	return func(o lab.Order) []lab.Effect {
		price := map[string]int64{"tea": 500, "truffle": 900}[o.Item] // cents
		all := map[string]lab.Effect{
			"stock":    {Account: o.Item, Amount: int64(o.Quantity)},
			"delivery": {Account: o.Slot, Amount: 1},
			"payment":  {Account: o.Customer, Amount: price * int64(o.Quantity)},
		}
		list := []lab.Effect{{Kind: lab.OrderKind, Order: o.Key, Account: o.Item, Amount: 1}}
		for _, name := range services {
			e := all[name]
			e.Kind, e.Order = name, o.Key
			list = append(list, e)
		}
		return list
	}
}

// with is the shop with a plan, and what the student has written.
func with(plan func(order.Order) ([]shop.Step, error)) lab.Variant {
	return lab.Variant{Name: "yours", Services: []lab.Service{
		{
			Name: "order", Schema: shop.ConductorSchema,
			New: func(db *sqlite.DB, client *http.Client) http.Handler {
				return shop.NewOrders(db, client, shop.Yours{Plan: plan, Recover: Recover})
			},
			Queries: lab.Queries{
				Effects: `SELECT 'order', id, item, 1 FROM orders JOIN sagas USING (id) WHERE phase = 'finished'`,
				Stuck:   `SELECT id || ' goes ' || phase FROM sagas WHERE phase NOT IN ('finished', 'reversed')`,
			},
		},
		participant("stock", `('tea', 10), ('truffle', 1)`, shop.Part{Do: "reserve", Undo: "release", Finish: "ship", Short: httpapi.OutOfStock}),
		participant("delivery", `('mon-am', 5), ('sun-am', 0)`, shop.Part{Do: "book", Undo: "cancel", Short: httpapi.SlotFull}),
		participant("payment", `('ada', 10000), ('bob', 1000)`, shop.Part{Do: "charge", Short: httpapi.InsufficientFunds}),
	}}
}

func participant(name, accounts string, part shop.Part) lab.Service {
	part.Take, part.GiveBack = Take, GiveBack
	s := lab.Service{
		Name: name, Schema: shop.Schema + "INSERT INTO accounts VALUES " + accounts + ";",
		New: func(db *sqlite.DB, _ *http.Client) http.Handler { return shop.NewParticipant(db, part) },
		Queries: lab.Queries{
			Balances: fmt.Sprintf(`SELECT '%s', name, amount FROM accounts`, name),
			Effects:  fmt.Sprintf(`SELECT '%s', saga, name, sum(amount) FROM moves GROUP BY saga, name HAVING sum(amount) <> 0`, name),
		},
	}
	if part.Finish != "" {
		s.Queries.Stuck = fmt.Sprintf(`SELECT saga || ' waits for %s' FROM book WHERE state = 'done' AND saga NOT IN (SELECT saga FROM finished)`, part.Finish)
	}
	return s
}
