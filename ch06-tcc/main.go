// Chapter 6: the order as TCC: try, confirm, cancel.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"

	"example.com/dtx/ch06-tcc/delivery"
	"example.com/dtx/ch06-tcc/order"
	"example.com/dtx/ch06-tcc/payment"
	"example.com/dtx/ch06-tcc/stock"
	"example.com/dtx/ch06-tcc/tcc"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/cli"
	"example.com/dtx/lab/shop"
	"example.com/dtx/lab/source"
)

func main() { os.Exit(cli.Main(chapter())) }

func chapter() lab.Chapter {
	return lab.Chapter{
		Name:      "ch06-tcc",
		Title:     "TCC: reserve first",
		Variants:  []lab.Variant{undoing(), reserving()},
		Default:   "barrier",
		Effects:   shop.Effects,
		Scenarios: scenarios(),
		Experiments: []lab.Experiment{
			{
				Name: "barrier", Run: lab.Tabled(barrierRows),
				Claim: "a try fails half-way: what is reserved?",
			},
			{
				Name: "others", Run: others,
				Claim: "an order is half done, in four protocols: what do others see?",
			},
			{
				Name: "between", Run: lab.Tabled(betweenRows),
				Claim: "the initiator dies at its decision",
			},
			{Name: "cost", Claim: "what one order costs, counted", Run: lab.Tabled(costRows)},
			{Name: "compare", Claim: "many orders at once, in four protocols", Run: compare},
			{Name: "dirty", Claim: "a plain writer passes the lock: can AT undo?", Run: dirty},
			{Name: "faults", Claim: "every single fault", Run: faults},
		},
	}
}

func scenarios() []lab.Scenario {
	return slices.Concat([]lab.Scenario{shop.Success(), shop.Retry()}, shop.Refusals(),
		[]lab.Scenario{
			shop.Race("the last unit", shop.Order("ada", "truffle", 1, "mon-am"), "bob"),
			shop.SameKey(), shop.OneAfterTheOther(), shop.RulesNarrower(),
			shop.StockComesIn("available"), teaComesIn(), shop.PriceRises(),
		})
}

// reserving is TCC with a barrier.
func reserving() lab.Variant {
	return lab.Variant{
		Name:       "barrier",
		About:      "each participant reserves first; a barrier notes what has come",
		Price:      "what is reserved is out of reach for others until the decision is known",
		Idempotent: true,
		Messages:   lab.Messages{Most: 200},
		Try:        shop.Commands("order", "stock"),
		Services: []lab.Service{
			initiator("", tcc.MaxPlaces),
			asked("stock", stock.Schema, stock.New),
			asked("payment", payment.Schema, payment.New),
			asked("delivery", delivery.Schema, delivery.New),
		},
		Spares: []lab.Service{
			initiator(shop.RoomForOne, 1),
			shop.Narrower(asked("stock", stock.Schema, newHalvedStock)),
		},
	}
}

func initiator(version string, room int) lab.Service {
	return lab.Service{
		Name: "order", Version: version, Schema: order.Schema,
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
	name, schema string, build func(*sqlite.DB, *http.Client) http.Handler,
) lab.Service {
	return lab.Service{
		Name: name, Schema: schema, New: build,
		Queries: lab.Queries{
			Balances: fmt.Sprintf(`SELECT '%s', name, available FROM accounts`, name),
			Effects: fmt.Sprintf(`SELECT '%s', id, name, amount FROM reservations
				JOIN barrier USING (id) WHERE operation = 'confirm'`, name),
			Stuck: `SELECT reserved || ' of ' || name || ' are reserved'
				FROM accounts WHERE reserved <> 0`,
		},
	}
}

// faults tries every fault on the shop.
func faults(ctx context.Context, t *lab.Teller) error {
	return source.TellScores(ctx, t, chapter(), undoing(), reserving())
}
