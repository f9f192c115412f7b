package exercise

import (
	"context"
	"net/http"
	"slices"

	"example.com/dtx/ch07-messages/broker"
	"example.com/dtx/ch07-messages/delivery"
	"example.com/dtx/ch07-messages/exercise/shop"
	"example.com/dtx/ch07-messages/halfmessage"
	"example.com/dtx/ch07-messages/messages"
	"example.com/dtx/ch07-messages/order"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
)

// exercise is the chapter that the steps play.
func exercise(scenarios ...lab.Scenario) lab.Chapter {
	return lab.Chapter{Name: "ch07-messages/exercise", Effects: effects, Scenarios: scenarios}
}

func success() lab.Scenario {
	return lab.Scenario{
		Name: "success", Orders: []lab.Order{tea()}, Want: []int{http.StatusCreated}, Tries: 5,
	}
}

// once is an order whose customer does not ask again.
func once() lab.Scenario {
	s := success()
	s.Name, s.Tries = "once", 1
	return s
}

// unreadable: before the second order comes an event that no service can read.
func unreadable() lab.Scenario {
	return poison("unreadable", "{}", "placed of order-0 is no event")
}

// noSuchSlot: before the second order comes an event with a slot that is not delivery's.
func noSuchSlot() lab.Scenario {
	const body = `{"name":"placed","order":"order-0","content":{"customer":"ada","item":"tea",` +
		`"quantity":2,"slot":"never","cents":1000,"why":""}}`
	return poison("no such slot", body, "never for order-0")
}

func poison(name, body, reason string) lab.Scenario {
	s, next := success(), tea()
	next.Key = "order-2"
	s.Name, s.More, s.Parked = name, []lab.Order{next}, []string{reason}
	s.Change = lab.Change{
		Service: "order", Means: "an event is put into the outbox",
		SQL: `INSERT INTO outbox (id, subject, saga, body, written)
			VALUES ('placed of order-0', 'placed', 'order-0', '` + body + `', 0)`,
	}
	return s
}

// slotFull is an order for which there is a place only after the customer's answer.
func slotFull() lab.Scenario {
	s := success()
	s.Name, s.Orders[0].Slot = "slot full", "sun-am"
	s.Change = lab.Change{
		Service: "delivery", Means: "sun-am gets a place",
		SQL: "UPDATE accounts SET amount = 1 WHERE name = 'sun-am'",
	}
	return s
}

func tea() lab.Order {
	return lab.Order{Key: "order-1", Customer: "ada", Item: "tea", Quantity: 2, Slot: "mon-am"}
}

// effects is what a confirmed order has done.
func effects(o lab.Order) []lab.Effect {
	return []lab.Effect{
		{Kind: lab.OrderKind, Order: o.Key, Account: o.Item, Amount: 1},
		{Kind: "delivery", Order: o.Key, Account: o.Slot, Amount: 1},
	}
}

// brokered is the shop over the broker, with the student's functions at the two services.
func brokered(atOrder, atDelivery shop.Part) lab.Variant {
	return lab.Variant{
		Name: "yours", Idempotent: true,
		Messages: lab.Messages{Most: 200, Again: "POST /ack/"},
		Waits:    []string{"POST /fetch/"},
		Services: []lab.Service{
			{
				Name: "order", Schema: order.Orders + messages.Schema, Queries: ofOrder(),
				New: with("order", atOrder),
			},
			{Name: "broker", Open: openBroker},
			{
				Name: "delivery", Schema: delivery.Schema, Queries: ofDelivery(),
				New: with("delivery", atDelivery),
			},
		},
	}
}

// transactional is the shop with half messages. Delivery is the student's, too.
func transactional(part shop.Transactional, atDelivery shop.Part) lab.Variant {
	v := brokered(shop.Part{}, atDelivery)
	v.Messages = lab.Messages{} // two copies of an order each say "commit"
	v.Services[0] = lab.Service{
		Name: "order", Schema: order.Orders + halfmessage.Records,
		Queries: lab.Queries{Effects: v.Services[0].Queries.Effects},
		New: func(db *sqlite.DB, client *http.Client) http.Handler {
			return shop.NewProducer(db, client, part)
		},
	}
	v.Services = slices.Insert(v.Services, 1, lab.Service{
		Name: "halves", Schema: halfmessage.Schema, New: shop.NewHalves,
		Queries: lab.Queries{
			Stuck: "SELECT id || ' is open: ' || state FROM messages WHERE open",
		},
	})
	return v
}

func with(name string, part shop.Part) func(*sqlite.DB, *http.Client) http.Handler {
	return func(db *sqlite.DB, client *http.Client) http.Handler {
		return shop.New(name, db, client, part)
	}
}

// openBroker says who hears of what: order hears nothing.
func openBroker(ctx context.Context, folder string) (http.Handler, error) {
	return broker.Open(ctx, folder,
		broker.Consumer{Name: "order", Subjects: []string{"answered"}},
		broker.Consumer{Name: "delivery", Subjects: []string{"placed"}})
}

const (
	unsent = `SELECT id || ' is not published' FROM outbox`
	parked = `SELECT id || ': ' || refusal FROM parked`
)

func ofOrder() lab.Queries {
	return lab.Queries{Effects: `SELECT 'order', id, item, 1 FROM orders`, Stuck: unsent}
}

func ofDelivery() lab.Queries {
	return lab.Queries{
		Balances: `SELECT 'delivery', name, amount FROM accounts`,
		Effects:  `SELECT 'delivery', saga, name, amount FROM effects`,
		Parked:   parked,
	}
}
