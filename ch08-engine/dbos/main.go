// Chapter 8: the order on a durable-execution engine, DBOS Transact on PostgreSQL.
package main

import (
	"net/http"
	"os"
	"slices"

	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/cli"
)

func main() { os.Exit(cli.Main(chapter())) }

func chapter() lab.Chapter {
	return lab.Chapter{
		Name:      "ch08-engine/dbos",
		Title:     "An engine: what does it do for you, and what must you still do?",
		Variants:  []lab.Variant{engine("", "")},
		Effects:   effects,
		Scenarios: scenarios(),
	}
}

func scenarios() []lab.Scenario {
	return []lab.Scenario{
		{Name: "success", Orders: []lab.Order{tea()}, Want: []int{201}, Tries: 9},
		{Name: "slot full", Orders: []lab.Order{withoutPlace()}, Want: []int{409}, Tries: 9},
	}
}

// tea is the order that most of the chapter is about.
func tea() lab.Order {
	return lab.Order{Key: "order-1", Customer: "ada", Item: "tea", Quantity: 2, Slot: "mon-am"}
}

// withoutPlace is an order that delivery refuses.
func withoutPlace() lab.Order {
	o := tea()
	o.Slot = "sun-am"
	return o
}

// effects is what one confirmed order does.
func effects(o lab.Order) []lab.Effect {
	price := map[string]int64{"salt": 50, "tea": 500, "truffle": 900}[o.Item] // cents
	return []lab.Effect{
		{Kind: lab.OrderKind, Order: o.Key, Account: o.Item, Amount: 1},
		{Kind: "stock", Order: o.Key, Account: o.Item, Amount: int64(o.Quantity)},
		{Kind: "payment", Order: o.Key, Account: o.Customer, Amount: price * int64(o.Quantity)},
		{Kind: "delivery", Order: o.Key, Account: o.Slot, Amount: 1},
	}
}

// engine is a worker with the engine, and chapter 4's participants, whose program is at
// that path. The engine keeps its tables in the database with the DSN.
func engine(dsn, program string, environ ...string) lab.Variant {
	return lab.Variant{
		Name:       "orchestrated", // as the participants' program calls it, too
		About:      "an engine on PostgreSQL drives the order",
		Price:      "a system to run",
		Idempotent: true,
		Environ:    append(environ, dsnVariable+"="+dsn),
		Services: []lab.Service{
			taking("order", dsn),
			participant(program, "stock", "take", ""),
			participant(program, "payment", "authorize", "capture"),
			participant(program, "delivery", "book", ""),
		},
		Spares: []lab.Service{taking(spare, dsn), taking("third", dsn), taking("fourth", dsn)},
	}
}

// spare is the name of a second worker.
const spare = "spare"

// workers is a variant with so many workers, each with a lease. The others stand behind
// the first one.
func workers(n int, v lab.Variant, lease string) lab.Variant {
	others := slices.Clone(v.Spares[:n-1])
	for i := range others {
		others[i].Ledger = nil // it is the first one's
	}
	v.Services = slices.Insert(slices.Clone(v.Services), 1, others...)
	v.Environ = append(v.Environ, leaseVariable+"="+lease)
	return v
}

// taking is a service that takes orders, and drives them.
func taking(name, dsn string) lab.Service {
	return lab.Service{
		Name: name, Ledger: ledgerOf(dsn),
		New: func(_ *sqlite.DB, client *http.Client) http.Handler {
			return newWorker(strikeOn(name), client)
		},
	}
}

// participant is a service of chapter 4, as its program builds it.
func participant(program, name, take, finish string) lab.Service {
	q := lab.Queries{
		Balances: "SELECT '" + name + "', name, amount FROM accounts",
		Effects: "SELECT '" + name + "', saga, name, amount FROM steps WHERE step = '" + take +
			"' AND state = 'done'",
	}
	if finish != "" {
		q.Stuck = "SELECT saga || ' waits for " + finish + "' FROM steps AS taken WHERE step = '" +
			take + "' AND state = 'done' AND NOT EXISTS (SELECT 1 FROM steps" +
			" WHERE saga = taken.saga AND step = '" + finish + "')"
	}
	return lab.Service{Name: name, Program: program, Schema: lab.SchemaOfItsProgram, Queries: q}
}
