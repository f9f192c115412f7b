package exercise

import (
	"context"
	"fmt"
	"net/http"

	"example.com/dtx/ch05-2pc/delivery"
	"example.com/dtx/ch05-2pc/exercise/shop"
	"example.com/dtx/ch05-2pc/order"
	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/ch05-2pc/payment"
	"example.com/dtx/ch05-2pc/stock"
	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
)

// exercise is the chapter that the steps play.
func exercise(scenarios ...lab.Scenario) lab.Chapter {
	return lab.Chapter{Name: "ch05-2pc/exercise", Effects: effects, Scenarios: scenarios}
}

func success() lab.Scenario { return single("success", 201, tea("order-1", "ada")) }

func slotFull() lab.Scenario {
	o := tea("order-1", "ada")
	o.Slot = "sun-am"
	return single("slot full", 409, o)
}

func single(name string, status int, o lab.Order) lab.Scenario {
	return lab.Scenario{Name: name, Orders: []lab.Order{o}, Want: []int{status}, Tries: 5}
}

// theLastUnit is wanted by two customers at once.
func theLastUnit() lab.Scenario {
	ada, bob := tea("order-1", "ada"), tea("order-10", "bob")
	ada.Item, ada.Quantity, bob.Item, bob.Quantity = "truffle", 1, "truffle", 1
	return lab.Scenario{
		Name: "the last unit", Orders: []lab.Order{ada, bob}, Want: []int{201, 409}, Tries: 5,
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

// asking is how a participant asks.
type asking func(ctx context.Context, p *shop.Participant, id string) error

// ours is the shop with the chapter's own coordinator.
func ours(ask asking) lab.Variant {
	return with(ask, func(db *sqlite.DB, client *http.Client) order.Coordinator {
		return twopc.New(db, client, twopc.MaxPlaces)
	})
}

// yours is the shop with the student's coordinator.
func yours(ask asking) lab.Variant {
	return with(ask, func(db *sqlite.DB, client *http.Client) order.Coordinator {
		return shop.New(db, client, shop.Yours{Finish: Finish, Recover: Recover, Answer: Answer})
	})
}

// with is the shop with a coordinator, and with what the student has written.
func with(ask asking, coordinator func(*sqlite.DB, *http.Client) order.Coordinator) lab.Variant {
	return lab.Variant{Name: "yours", Services: []lab.Service{
		{
			Name: "order", Schema: order.Schema,
			New: func(db *sqlite.DB, client *http.Client) http.Handler {
				return order.New(db, coordinator(db, client))
			},
			Queries: lab.Queries{
				Effects: `SELECT 'order', id, item, 1 FROM orders WHERE refused = '' ORDER BY id`,
				Stuck: `SELECT order_id || ' is decided, and its end is not noted'
					FROM decisions WHERE waiting <> '' ORDER BY order_id`,
			},
		},
		part(ask, "stock", stock.Accounts, stock.Rules()),
		part(ask, "payment", payment.Accounts, payment.Rules()),
		part(ask, "delivery", delivery.Accounts, delivery.Rules()),
	}}
}

func part(ask asking, name, accounts string, rules participant.Rules) lab.Service {
	p := shop.Part{Prepare: Prepare, Commit: Commit, Abort: Abort, Ask: ask}
	return lab.Service{
		Name: name, Schema: shop.Schema + accounts,
		New: func(db *sqlite.DB, client *http.Client) http.Handler {
			return shop.NewParticipant(db, client, rules, p)
		},
		Queries: lab.Queries{
			Balances: fmt.Sprintf(`SELECT '%s', name, amount FROM accounts ORDER BY name`, name),
			Effects: fmt.Sprintf(`SELECT '%s', order_id, name, amount FROM moves
				ORDER BY order_id`, name),
			Stuck: fmt.Sprintf(`SELECT '%s: ' || id || ' is still prepared, and holds ' || amount ||
				' of ' || name FROM branches WHERE state = 'prepared' ORDER BY id`, name),
		},
	}
}
