// Chapter 4: the order as a saga, orchestrated and choreographed.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"

	"example.com/dtx/ch04-saga/choreography"
	"example.com/dtx/ch04-saga/delivery"
	"example.com/dtx/ch04-saga/order"
	"example.com/dtx/ch04-saga/participant"
	"example.com/dtx/ch04-saga/payment"
	"example.com/dtx/ch04-saga/saga"
	"example.com/dtx/ch04-saga/stock"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/cli"
	"example.com/dtx/lab/shop"
)

func main() { os.Exit(cli.Main(chapter())) }

func chapter() lab.Chapter {
	return lab.Chapter{
		Name:      "ch04-saga",
		Title:     "Saga: compensate what has been committed",
		Variants:  []lab.Variant{choreographed(), orchestrated()},
		Default:   "orchestrated",
		Effects:   shop.Effects,
		Scenarios: scenarios(),
		Experiments: []lab.Experiment{
			{Name: "forward", Claim: "an order that goes through", Run: forward},
			{Name: "backward", Claim: "an order that is refused at the pivot", Run: backward},
			{Name: "recovery", Claim: "the orchestrator dies in the middle", Run: recovery},
			{
				Name: "isolation", Run: isolationExperiment,
				Claim: "what others see of a saga that is half done",
			},
			{Name: "cost", Claim: "what one order costs", Run: cost},
			{
				Name: "load", Run: loadExperiment,
				Claim: "what many orders at once cost, beside the same calls bare",
			},
			{Name: "stuck", Claim: "orders that do not end, as an operator sees them", Run: stuck},
			{Name: "faults", Claim: "every single fault, in both forms", Run: faults},
		},
	}
}

func scenarios() []lab.Scenario {
	return slices.Concat([]lab.Scenario{shop.Success(), shop.Retry()}, shop.Refusals(),
		[]lab.Scenario{
			shop.Prefixes(),
			shop.Race("the last unit", shop.Order("ada", "truffle", 1, "mon-am"), "bob").InDepth(),
			shop.SameKey(),
			shop.Race("the last euro", shop.Order("bob", "tea", 2, "mon-am"), "bob"),
			shop.Race("the last place", shop.Order("ada", "tea", 1, "sat-pm"), "bob"),
			shop.OneAfterTheOther(), shop.RulesNarrower(), shop.StepMore(), shop.FieldMore(),
			shop.StockComesIn("amount"), shop.PriceRises(),
		})
}

// mostMessages bounds the requests between services for one order: under one fault,
// with all repetitions.
const mostMessages = 200

func orchestrated() lab.Variant {
	services := []lab.Service{
		orchestrator("", saga.MaxPlaces),
		asked("stock", stock.Schema, stock.Rules()),
		asked("payment", payment.Schema, payment.Rules()),
		asked("delivery", delivery.Schema, delivery.Rules()),
	}
	return lab.Variant{
		Name:       "orchestrated",
		About:      "one service knows all steps, and asks for each",
		Price:      "states in between are seen by others",
		Idempotent: true,
		Try:        shop.Commands("order", "stock"),
		Messages: lab.Messages{Most: mostMessages, Undoes: map[string]string{
			"POST /give-back": "POST /take", "POST /void": "POST /authorize",
		}},
		Services: services,
		Spares: append([]lab.Service{
			withoutSaga(), twoSteps(), orchestrator(shop.RoomForOne, 1),
			shop.Narrower(asked("stock", stock.Schema, halved(stock.Rules()))),
			without("delivery", shop.Undelivered), orchestrator(shop.Delivered, saga.MaxPlaces),
		}, shop.WithFieldMore(services...)...),
	}
}

func orchestrator(version string, room int) lab.Service {
	return lab.Service{
		Name: "order", Version: version, Schema: order.Schema,
		New: func(db *sqlite.DB, client *http.Client) http.Handler {
			return order.New(db, saga.New(db, client, room))
		},
		Queries: lab.Queries{
			Effects: `SELECT 'order', id, item, 1 FROM orders JOIN sagas USING (id)
				WHERE state = 'done'`,
			Stuck: `SELECT id || ' is ' || state || ', open' FROM sagas WHERE open = 1`,
		},
	}
}

// without is a version of the order service that does not ask one of the others.
func without(service, version string) lab.Service {
	s := orchestrator(version, saga.MaxPlaces)
	s.New = func(db *sqlite.DB, client *http.Client) http.Handler {
		return order.New(db, shorter{saga.New(db, client, saga.MaxPlaces), service})
	}
	return s
}

// twoSteps has orders that take units and book a place, and no payment. It is there to be
// measured, beside an engine's workflows of two calls.
func twoSteps() lab.Service { return without("payment", "two steps") }

// shorter leaves the steps of a service out of each new saga.
type shorter struct {
	*saga.Orchestrator
	without string
}

// Execute is part of order.Orchestrator.
func (o shorter) Execute(ctx context.Context, id string, r saga.Request) (saga.Saga, error) {
	record := r.Record
	r.Record = func(tx *sqlite.Tx) ([]saga.Step, error) {
		list, err := record(tx)
		return slices.DeleteFunc(list, func(s saga.Step) bool {
			return strings.HasPrefix(s.Forward, "http://"+o.without+"/")
		}), err
	}
	return o.Orchestrator.Execute(ctx, id, r)
}

// asked is a participant that does what the orchestrator asks it.
func asked(name, schema string, rules participant.Rules) lab.Service {
	return lab.Service{
		Name: name, Schema: schema, Queries: queries(name, rules),
		New: func(db *sqlite.DB, _ *http.Client) http.Handler {
			return participant.New(db, rules.List, rules.Calls())
		},
	}
}

func choreographed() lab.Variant {
	services := []lab.Service{
		{
			Name: "order", Schema: choreography.OrderSchema,
			New: func(db *sqlite.DB, client *http.Client) http.Handler {
				return choreography.NewOrder(db, client)
			},
			Queries: lab.Queries{
				Effects: `SELECT 'order', id, item, 1 FROM orders JOIN decisions USING (id)
					WHERE why = ''`,
				Stuck: `SELECT id || ' is pending' FROM orders
					WHERE id NOT IN (SELECT id FROM decisions) UNION ALL ` + unsent,
			},
		},
		reacting("stock", stock.Schema, stock.Rules(), choreography.NewStock),
		reacting("payment", payment.Schema, payment.Rules(), choreography.NewPayment),
		reacting("delivery", delivery.Schema, delivery.Rules(), choreography.NewDelivery),
	}
	return lab.Variant{
		Name:       "choreographed",
		About:      "no service knows all steps: each reacts to the events of its neighbours",
		Price:      "the same, and no service can say where an order is",
		Idempotent: true,
		Try:        shop.Commands("order", "stock"),
		Messages:   lab.Messages{Most: mostMessages},
		Services:   services,
		Spares:     shop.WithFieldMore(services...),
	}
}

const unsent = `SELECT event || ' of ' || saga || ' is not delivered' FROM outbox`

// reacting is a participant that does what events ask for.
func reacting(
	name, schema string, rules participant.Rules,
	build func(*sqlite.DB, *http.Client) *choreography.Service,
) lab.Service {
	s := lab.Service{
		Name: name, Schema: schema + choreography.OutboxSchema,
		Queries: queries(name, rules),
		New:     func(db *sqlite.DB, client *http.Client) http.Handler { return build(db, client) },
	}
	if s.Queries.Stuck != "" {
		s.Queries.Stuck += " UNION ALL "
	}
	s.Queries.Stuck += unsent
	return s
}

// queries audit a participant. What it took and has not finished is stuck.
func queries(name string, rules participant.Rules) lab.Queries {
	q := lab.Queries{
		Balances: fmt.Sprintf(`SELECT '%s', name, amount FROM accounts`, name),
		Effects: fmt.Sprintf(`SELECT '%s', saga, name, amount FROM steps
			WHERE step = '%s' AND state = 'done'`, name, rules.Take),
	}
	if rules.Finish != "" {
		q.Stuck = fmt.Sprintf(`SELECT saga || ' waits for %[2]s' FROM steps AS taken
			WHERE step = '%[1]s' AND state = 'done' AND NOT EXISTS
				(SELECT 1 FROM steps WHERE saga = taken.saga AND step = '%[2]s')`,
			rules.Take, rules.Finish)
	}
	return q
}

// halved allows a step to take half as much.
func halved(rules participant.Rules) participant.Rules {
	rules.Max /= 2
	return rules
}
