package shop

import (
	"fmt"

	"example.com/dtx/lab"
)

// Tea is the order that most of a chapter is about.
func Tea() lab.Order { return Order("ada", "tea", 2, "mon-am") }

// Order is a first order.
func Order(customer, item string, quantity int, slot string) lab.Order {
	return lab.Order{
		Key: "order-1", Customer: customer, Item: item, Quantity: quantity, Slot: slot,
	}
}

// teaCents is what tea costs.
const teaCents = 500

// Effects is what one confirmed order does.
func Effects(o lab.Order) []lab.Effect { return effects(o, teaCents) }

func effects(o lab.Order, tea int64) []lab.Effect {
	cents := map[string]int64{"salt": 50, "tea": tea, "truffle": 900}[o.Item] * int64(o.Quantity)
	list := []lab.Effect{
		{Kind: lab.OrderKind, Order: o.Key, Account: o.Item, Amount: 1},
		{Kind: "stock", Order: o.Key, Account: o.Item, Amount: int64(o.Quantity)},
	}
	if cents > 0 {
		list = append(list, lab.Effect{
			Kind: "payment", Order: o.Key, Account: o.Customer, Amount: cents,
		})
	}
	return append(list, lab.Effect{
		Kind: "delivery", Order: o.Key, Account: o.Slot, Amount: 1,
	})
}

// Commands proposes what to do with the shop when it is served. It names the services that
// take orders and have the stock.
func Commands(orders, stock string) []string {
	const header = `-H 'Idempotency-Key: order-1' -H 'Content-Type: application/json'`
	const body = `'{"customer":"ada","item":"tea","quantity":2,"slot":"mon-am"}'`
	return []string{
		fmt.Sprintf(`curl -s %s -d %s http://%s/orders`, header, body, orders),
		fmt.Sprintf(`curl -s http://%s/orders/order-1`, orders),
		fmt.Sprintf(`curl -s http://%s/items`, stock),
	}
}
