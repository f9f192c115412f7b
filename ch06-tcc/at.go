package main

import (
	"fmt"
	"net/http"

	"example.com/dtx/ch06-tcc/at"
	"example.com/dtx/ch06-tcc/delivery"
	"example.com/dtx/ch06-tcc/participant"
	"example.com/dtx/ch06-tcc/payment"
	"example.com/dtx/ch06-tcc/stock"
	"example.com/dtx/ch06-tcc/tcc"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/shop"
)

// undoing is AT: the same initiator, and participants whose cancel is written by a
// machine.
func undoing() lab.Variant {
	smaller := stock.Rules()
	smaller.Max /= 2
	return lab.Variant{
		Name:  "at",
		About: "each participant commits at once; an undo log takes it back",
		Price: "rows are locked until the decision, " +
			"but only for programs that ask for the lock",
		Idempotent: true,
		Messages:   lab.Messages{Most: 200},
		Services: []lab.Service{
			initiator("", tcc.MaxPlaces),
			undoable("stock", stock.Accounts, stock.Rules()),
			undoable("payment", payment.Accounts, payment.Rules()),
			undoable("delivery", delivery.Accounts, delivery.Rules()),
		},
		Spares: []lab.Service{
			initiator(shop.RoomForOne, 1),
			shop.Narrower(undoable("stock", stock.Accounts, smaller)),
		},
	}
}

// undoable is a participant. An undo log or a global lock that is left is stuck.
func undoable(name, accounts string, rules participant.Rules) lab.Service {
	return lab.Service{
		Name: name, Schema: at.Schema + accounts,
		New: func(db *sqlite.DB, _ *http.Client) http.Handler { return at.New(db, rules) },
		Queries: lab.Queries{
			Balances: fmt.Sprintf(`SELECT '%s', name, available FROM accounts`, name),
			Effects: fmt.Sprintf(`SELECT '%s', id, name, amount FROM branches
				WHERE last = 'confirm'`, name),
			Stuck: `SELECT 'undo log of ' || id || ' for ' || pk FROM undo_log
				UNION ALL SELECT pk || ' is locked by ' || id FROM global_locks`,
		},
	}
}
