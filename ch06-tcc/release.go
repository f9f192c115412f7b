package main

import (
	"fmt"
	"net/http"

	"example.com/dtx/ch06-tcc/participant"
	"example.com/dtx/ch06-tcc/stock"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/shop"
)

// teaComesIn: a plain local transaction writes to the row that an order may hold just
// now. It knows of no protocol.
func teaComesIn() lab.Scenario {
	return lab.Scenario{
		Name: "tea comes in", Want: []int{201}, Tries: 5, Orders: []lab.Order{shop.Tea()},
		Change: moreTea(5),
	}
}

func moreTea(units int) lab.Change {
	return lab.Change{
		Service: "stock", Means: fmt.Sprintf("%d units of tea come in", units),
		SQL: fmt.Sprintf(
			"UPDATE accounts SET available = available + %d WHERE name = 'tea'", units),
	}
}

// newHalvedStock returns a stock that lets an order take half as much.
func newHalvedStock(db *sqlite.DB, _ *http.Client) http.Handler {
	rules := stock.Rules()
	rules.Max /= 2
	return participant.New(db, rules)
}
