// Chapter 5: two-phase commit, in our own hands and in real databases.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"

	"example.com/dtx/ch05-2pc/delivery"
	"example.com/dtx/ch05-2pc/order"
	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/ch05-2pc/payment"
	"example.com/dtx/ch05-2pc/stock"
	"example.com/dtx/ch05-2pc/threepc"
	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/cli"
	"example.com/dtx/lab/shop"
)

func main() { os.Exit(cli.Main(chapter())) }

// variants lists the shop's forms.
func variants() []lab.Variant {
	list, err := inDatabases()
	if err != nil {
		fmt.Fprintln(os.Stderr, err) // and go on without
	}
	return append([]lab.Variant{inThreePhases(), inRows()}, list...)
}

func chapter() lab.Chapter {
	return lab.Chapter{
		Name:     "ch05-2pc",
		Title:    "Two-phase commit",
		Variants: variants(),
		Default:  "rows",
		Effects:  shop.Effects,
		Experiments: []lab.Experiment{
			{Name: "cost", Claim: "what one order costs, counted", Run: cost},
			{Name: "blocking", Claim: "the coordinator dies in doubt: who waits?", Run: blocking},
			{Name: "heuristic", Claim: "an operator loses patience", Run: heuristic},
			{
				Name: "databases", Run: databases,
				Claim: "stock in PostgreSQL, payment in MariaDB: all of it dies, and comes back",
			},
			{Name: "faults", Claim: "every single fault", Run: faults},
		},
		Scenarios: scenarios(),
	}
}

func scenarios() []lab.Scenario {
	return slices.Concat([]lab.Scenario{shop.Success(), shop.Retry()}, shop.Refusals(),
		[]lab.Scenario{
			nothingToPay(),
			shop.Race("the last unit", shop.Order("ada", "truffle", 1, "any-day"), "ada"),
			shop.Race("the last euro", shop.Order("bob", "tea", 2, "mon-am"), "bob"),
			shop.Race("the last place", shop.Order("ada", "leaflet", 1, "sat-pm"), "ada").InDepth(),
			shop.SameKey(), theSameRows(),
			shop.OneAfterTheOther(), shop.RulesNarrower(), shop.StepMore(), shop.FieldMore(),
			shop.StockComesIn("amount"), shop.PriceRises(),
		})
}

// nothingToPay is an order at which payment takes no part.
func nothingToPay() lab.Scenario {
	return lab.Scenario{
		Name: "nothing to pay", Want: []int{201}, Tries: 5,
		Orders: []lab.Order{shop.Order("ada", "leaflet", 1, "mon-am")},
	}
}

// theSameRows are two equal orders at once: they meet at every row, and there is enough
// for both.
func theSameRows() lab.Scenario {
	s := shop.Race("the same rows", shop.Order("ada", "tea", 1, "mon-am"), "ada")
	s.Want = []int{201, 201}
	return s
}

// inRows is two-phase commit by hand: a prepared branch is a row.
func inRows() lab.Variant {
	services := []lab.Service{
		coordinator("", twopc.MaxPlaces),
		inOwnRows("stock", stock.Schema, stock.New),
		inOwnRows("payment", payment.Schema, payment.New),
		inOwnRows("delivery", delivery.Schema, delivery.New),
	}
	return lab.Variant{
		Name:       "rows",
		About:      "two-phase commit; each service uses SQLite, and what it has prepared is a row",
		Price:      "rows are locked while the coordinator is away",
		Idempotent: true,
		Messages:   lab.Messages{Most: 200},
		Try:        commands(), Unforced: true, // an abort unlocks
		Services: services,
		Spares: append([]lab.Service{
			coordinator(shop.RoomForOne, 1),
			shop.Narrower(inOwnRows("stock", stock.Schema, newHalvedStock)),
			withoutDelivery(), coordinator(shop.Delivered, twopc.MaxPlaces),
		}, shop.WithFieldMore(services...)...),
	}
}

func coordinator(version string, room int) lab.Service {
	return lab.Service{
		Name: "order", Version: version, Schema: order.Schema,
		New: func(db *sqlite.DB, client *http.Client) http.Handler {
			return order.New(db, twopc.New(db, client, room))
		},
		Queries: lab.Queries{
			Effects: `SELECT 'order', id, item, 1 FROM orders WHERE refused = '' ORDER BY id`,
			Stuck: `SELECT order_id || ': not acknowledged by ' || waiting FROM decisions
				WHERE waiting <> '' AND parked = '' ORDER BY order_id`,
			Parked: `SELECT id || ': not acknowledged by ' || waiting || ': ' || parked
				FROM decisions
				WHERE waiting <> '' AND parked <> '' ORDER BY order_id`,
		},
	}
}

// withoutDelivery is the order service of the release before delivery.
func withoutDelivery() lab.Service {
	s := coordinator(shop.Undelivered, twopc.MaxPlaces)
	s.New = func(db *sqlite.DB, client *http.Client) http.Handler {
		return order.New(db, undelivering{twopc.New(db, client, twopc.MaxPlaces)})
	}
	return s
}

// undelivering leaves a participant out of each transaction.
type undelivering struct{ *twopc.Coordinator }

// Commit is part of order.Coordinator.
func (u undelivering) Commit(
	ctx context.Context, order string, branches []twopc.Branch, record twopc.Record,
) error {
	branches = slices.DeleteFunc(branches, func(b twopc.Branch) bool {
		return b.Participant == "delivery"
	})
	return u.Coordinator.Commit(ctx, order, branches, record)
}

func inOwnRows(
	name, schema string,
	build func(*sqlite.DB, *http.Client) *participant.Service,
) lab.Service {
	return lab.Service{
		Name: name, Schema: schema,
		New: func(db *sqlite.DB, client *http.Client) http.Handler { return build(db, client) },
		Queries: lab.Queries{
			Balances: `SELECT '` + name + `', name, amount FROM accounts ORDER BY name`,
			Effects: `SELECT '` + name + `', order_id, name, amount FROM branches
				WHERE state = 'committed' ORDER BY id`,
			Stuck: `SELECT '` + name + `: ' || name || ' is locked by ' || id FROM branches
				WHERE state = 'prepared' ORDER BY id`,
		},
	}
}

// inThreePhases is what the laboratory refutes: participants that decide without the
// coordinator.
func inThreePhases() lab.Variant {
	orders := participant.Rules{List: "/orders", Max: 1, Unknown: httpapi.UnknownItem}
	const sold = "INSERT INTO accounts VALUES ('tea', 1000000);" // as many orders as there may be
	o := deciding("order", sold, orders, "stock", "payment", "delivery")
	o.Queries.Balances = ""
	o.Queries.Effects = `SELECT 'order', order_id, name, 1 FROM branches WHERE state = 'committed'`
	return lab.Variant{
		Name:  "three-phase",
		About: "three-phase commit: participants that are left alone decide among themselves",
		Price: "a network that is cut in two commits on one side and aborts on the other",
		Services: []lab.Service{
			o,
			deciding("stock", stock.Accounts, stock.Rules(), "order", "payment", "delivery"),
			deciding("payment", payment.Accounts, payment.Rules(), "order", "stock",
				"delivery"),
			deciding("delivery", delivery.Accounts, delivery.Rules(), "order", "stock",
				"payment"),
		},
	}
}

// deciding is a participant that asks its peers.
func deciding(
	name, accounts string, rules participant.Rules, peers ...string,
) lab.Service {
	s := inOwnRows(name, threepc.Schema+accounts, nil)
	s.New = func(db *sqlite.DB, client *http.Client) http.Handler {
		return threepc.New(db, client,
			rules, peers...)
	}
	return s
}

// newHalvedStock returns a stock that lets an order take half as much.
func newHalvedStock(db *sqlite.DB, client *http.Client) *participant.Service {
	rules := stock.Rules()
	rules.Max /= 2
	return participant.New(participant.NewRows(db, rules), client, rules)
}

// commands are the shop's, and the question for the first attempt of an order.
func commands() []string {
	const attempt = `curl -s http://order/transactions/order-1.1.1`
	return slices.Insert(shop.Commands("order", "stock"), 2, attempt)
}
