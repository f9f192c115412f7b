// Chapter 3: the transaction, measured, and its limit.
package main

import (
	"net/http"
	"os"

	"example.com/dtx/ch03-transactions/attach"
	"example.com/dtx/ch03-transactions/bank"
	"example.com/dtx/ch03-transactions/durability"
	"example.com/dtx/ch03-transactions/shop"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/cli"
)

func main() {
	attach.Child()
	durability.Child()
	os.Exit(cli.Main(chapter()))
}

func chapter() lab.Chapter {
	return lab.Chapter{
		Name:     "ch03-transactions",
		Title:    "The transaction, and its limit",
		Variants: []lab.Variant{statements(), transaction(), twoDatabases()},
		Default:  "two-databases",
		Effects:  effects,
		Experiments: []lab.Experiment{
			{
				Name: "atomicity", Run: atomicity,
				Claim: "an order as three statements, and as one transaction",
			},
			{Name: "consistency", Claim: "what the schema refuses by itself", Run: consistency},
			{Name: "isolation", Claim: "what two transactions can do to each other", Run: isolated},
			{Name: "durability", Claim: "what an answer is worth", Run: durable},
			{Name: "grouping", Claim: "one forced write for many", Run: grouping},
			{Name: "edge", Claim: "one transaction, two files", Run: edge},
			{
				Name: "two-databases", Run: dualWrite,
				Claim: "an order that two databases must agree on",
			},
		},
		Scenarios: []lab.Scenario{
			{Name: "success", Orders: []lab.Order{tea("order-1", "ada")}, Want: []int{201}},
			{Name: "retry", Orders: []lab.Order{tea("order-1", "ada")}, Want: []int{201}, Tries: 5},
			lab.Scenario{
				Name:   "the last euro",
				Orders: []lab.Order{tea("order-1", "bob"), tea("order-10", "bob")},
				Want:   []int{201, 409},
			}.InDepth(),
		},
	}
}

func tea(key, customer string) lab.Order {
	return lab.Order{Key: key, Customer: customer, Item: "tea", Quantity: 2}
}

// effects is what one confirmed order does, wherever the money is.
func effects(o lab.Order) []lab.Effect {
	return []lab.Effect{
		{Kind: lab.OrderKind, Order: o.Key, Account: o.Item, Amount: 1},
		{Kind: "stock", Order: o.Key, Account: o.Item, Amount: int64(o.Quantity)},
		{Kind: "payment", Order: o.Key, Account: o.Customer, Amount: 500 * int64(o.Quantity)},
	}
}

func statements() lab.Variant {
	return lab.Variant{
		Name: "statements", About: "an order is three statements, each committed by itself",
		Price:    "none: it shows the problem",
		Services: []lab.Service{oneDatabase(shop.StatementByStatement)},
	}
}

func transaction() lab.Variant {
	return lab.Variant{
		Name: "transaction", About: "an order is one transaction",
		Price:      "one database",
		Idempotent: true,
		Services:   []lab.Service{oneDatabase(shop.InOneTransaction)},
	}
}

// oneDatabase is a shop that keeps everything itself.
func oneDatabase(build func(*sqlite.DB) http.Handler) lab.Service {
	return lab.Service{
		Name: "shop", Schema: shop.Schema,
		New: func(db *sqlite.DB, _ *http.Client) http.Handler { return build(db) },
		Queries: lab.Queries{
			Balances: `SELECT 'stock', item, units FROM items
				UNION ALL SELECT 'payment', customer, cents FROM customers`,
			Effects: `SELECT 'order', id, item, 1 FROM orders
				UNION ALL SELECT 'stock', id, item, quantity FROM orders
				UNION ALL SELECT 'payment', id, customer, quantity * 500 FROM orders`,
		},
	}
}

func twoDatabases() lab.Variant {
	return lab.Variant{
		Name: "two-databases", About: "the money is in another database, behind another process",
		Price: "none: it shows the problem",
		Services: []lab.Service{
			{
				Name: "shop", Schema: shop.Schema,
				New: func(db *sqlite.DB, client *http.Client) http.Handler {
					return shop.WithBank(db, client)
				},
				Queries: lab.Queries{
					Balances: `SELECT 'stock', item, units FROM items`,
					Effects: `SELECT 'order', id, item, 1 FROM orders
						UNION ALL SELECT 'stock', id, item, quantity FROM orders`,
				},
			},
			{
				Name: "bank", Schema: bank.Schema,
				New: func(db *sqlite.DB, _ *http.Client) http.Handler { return bank.New(db) },
				Queries: lab.Queries{
					Balances: `SELECT 'payment', customer, cents FROM customers`,
					Effects:  `SELECT 'payment', id, customer, cents FROM charges`,
				},
			},
		},
	}
}
