// Chapter 7: the order over a message broker: outbox, broker, inbox.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"

	"example.com/dtx/ch07-messages/broker"
	"example.com/dtx/ch07-messages/delivery"
	"example.com/dtx/ch07-messages/order"
	"example.com/dtx/ch07-messages/payment"
	"example.com/dtx/ch07-messages/replicated"
	"example.com/dtx/ch07-messages/stock"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/cli"
	"example.com/dtx/lab/shop"
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
		Effects:   shop.Effects,
		Scenarios: scenarios(),
		Experiments: []lab.Experiment{
			{Name: "promises", Claim: "what the broker's own promises cover", Run: tried},
			{
				Name: "killed", Run: lab.Tabled(killedRows),
				Claim: "a killed broker forgets acknowledgements",
			},
			{Name: "leader", Claim: "three brokers, and their leader is killed", Run: leaderKilled},
			{Name: "cost", Claim: "what one order costs, counted", Run: lab.Tabled(costRows)},
			{
				Name: "load", Run: loadExperiment,
				Claim: "many orders at once, beside a saga over HTTP",
			},
			{Name: "faults", Claim: "every single fault", Run: faults},
		},
	}
}

func scenarios() []lab.Scenario {
	return slices.Concat([]lab.Scenario{shop.Success(), shop.Retry()}, shop.Refusals(),
		[]lab.Scenario{
			shop.Race("the last unit", shop.Order("ada", "truffle", 1, "mon-am"), "bob"),
			shop.SameKey(),
			shop.Race("the last euro", shop.Order("bob", "tea", 2, "mon-am"), "bob"),
			shop.Race("the last place", shop.Order("ada", "tea", 1, "sat-pm"), "bob"),
			poison(), shop.Prefixes(), shop.StockComesIn("amount"), shop.PriceRises(),
		})
}

// poison: between two orders comes an event that no service can read. It is parked, and
// what comes behind it goes on.
func poison() lab.Scenario {
	next := shop.Tea()
	next.Key = "order-2"
	return lab.Scenario{
		Name: "poison", Want: []int{201}, Tries: 5, Orders: []lab.Order{shop.Tea()},
		More: []lab.Order{next}, Parked: []string{"placed of order-0 is no event"},
		Change: lab.Change{
			Service: "order", Means: "an event without an order is put into the outbox",
			SQL: `INSERT INTO outbox (id, subject, saga, body, written)
				VALUES ('placed of order-0', 'placed', 'order-0', '{}', 0)`,
		},
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
		Try:        shop.Commands("order", "stock"),
		Services: []lab.Service{
			{
				Name: "order", Schema: order.Schema, Queries: ofOrder(),
				New: func(db *sqlite.DB, client *http.Client) http.Handler {
					return order.New(db, client)
				},
			},
			{Name: "broker", Open: openBroker},
			reacting("stock", stock.Schema, stock.New),
			reacting("payment", payment.Schema, payment.New),
			reacting("delivery", delivery.Schema, delivery.New),
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
	name, schema string, build func(*sqlite.DB, *http.Client) http.Handler,
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
	return lab.Service{Name: name, Schema: schema, New: build, Queries: q}
}

// faults tries every fault on the shop.
func faults(ctx context.Context, t *lab.Teller) error {
	return source.TellScores(ctx, t, chapter(), brokered())
}
