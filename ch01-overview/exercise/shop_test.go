package exercise

import (
	"net/http"

	"example.com/dtx/ch01-overview/exercise/shop"
	"example.com/dtx/ch01-overview/order"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
)

// exercise is the chapter that the steps play.
func exercise() lab.Chapter {
	tea := []lab.Order{{Key: "order-1", Customer: "ada", Item: "tea", Quantity: 2, Slot: "mon-am"}}
	return lab.Chapter{
		Name: "ch01-overview/exercise",
		Effects: func(o lab.Order) []lab.Effect {
			quantity := int64(o.Quantity)
			return []lab.Effect{
				{Kind: lab.OrderKind, Order: o.Key, Account: o.Item, Amount: 1},
				{Kind: "stock", Order: o.Key, Account: o.Item, Amount: quantity},
				{Kind: "payment", Order: o.Key, Account: o.Customer, Amount: 500 * quantity},
				{Kind: "delivery", Order: o.Key, Account: o.Slot, Amount: 1},
			}
		},
		Scenarios: []lab.Scenario{
			{Name: "success", Orders: tea, Want: []int{201}},
			{Name: "retry", Orders: tea, Want: []int{201}, Tries: 5},
			{Name: "slot full", Want: []int{409}, Orders: []lab.Order{
				{Key: "order-1", Customer: "ada", Item: "tea", Quantity: 2, Slot: "sun-am"},
			}},
		},
	}
}

// with is the shop with two functions, of which the student has written one or both.
func with(ask shop.Ask, take shop.Take) lab.Variant {
	return lab.Variant{Name: "yours", Services: []lab.Service{
		{
			Name: "order", Schema: order.Schema,
			New: func(db *sqlite.DB, client *http.Client) http.Handler {
				return shop.NewOrders(db, client, ask)
			},
			Queries: lab.Queries{Effects: `SELECT 'order', id, item, 1 FROM orders`},
		},
		accounts("stock", `('tea', 10)`, "/take", "/give-back", httpapi.OutOfStock, take),
		accounts("payment", `('ada', 10000)`,
			"/charge", "/refund", httpapi.InsufficientFunds, take),
		accounts("delivery", `('mon-am', 5), ('sun-am', 0)`,
			"/book", "/cancel", httpapi.SlotFull, take),
	}}
}

func accounts(name, rows, do, undo string, short httpapi.Kind, take shop.Take) lab.Service {
	return lab.Service{
		Name: name, Schema: shop.Schema + "INSERT INTO accounts VALUES " + rows + ";",
		New: func(db *sqlite.DB, _ *http.Client) http.Handler {
			return shop.NewAccounts(db, do, undo, short, take)
		},
		Queries: lab.Queries{
			Balances: `SELECT '` + name + `', name, amount FROM accounts`,
			Effects:  `SELECT '` + name + `', order_id, name, amount FROM effects`,
		},
	}
}
