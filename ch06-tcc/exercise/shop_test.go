package exercise

import (
	"fmt"
	"net/http"
	"slices"

	"example.com/dtx/ch06-tcc/delivery"
	"example.com/dtx/ch06-tcc/exercise/shop"
	"example.com/dtx/ch06-tcc/order"
	"example.com/dtx/ch06-tcc/participant"
	"example.com/dtx/ch06-tcc/payment"
	"example.com/dtx/ch06-tcc/stock"
	"example.com/dtx/ch06-tcc/tcc"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
)

// exercise is the chapter that the steps play.
func exercise(scenarios ...lab.Scenario) lab.Chapter {
	return lab.Chapter{Name: "ch06-tcc/exercise", Effects: effects, Scenarios: scenarios}
}

func success() lab.Scenario { return single("success", 201, tea()) }

func slotFull() lab.Scenario {
	o := tea()
	o.Slot = "sun-am"
	return single("slot full", 409, o)
}

func single(name string, status int, o lab.Order) lab.Scenario {
	return lab.Scenario{Name: name, Orders: []lab.Order{o}, Want: []int{status}, Tries: 5}
}

func tea() lab.Order {
	return lab.Order{Key: "order-1", Customer: "ada", Item: "tea", Quantity: 2, Slot: "mon-am"}
}

// effects is what a confirmed order has done.
func effects(o lab.Order) []lab.Effect {
	const price = 500 // cents
	return []lab.Effect{
		{Kind: lab.OrderKind, Order: o.Key, Account: o.Item, Amount: 1},
		{Kind: "stock", Order: o.Key, Account: o.Item, Amount: int64(o.Quantity)},
		{Kind: "payment", Order: o.Key, Account: o.Customer, Amount: price * int64(o.Quantity)},
		{Kind: "delivery", Order: o.Key, Account: o.Slot, Amount: 1},
	}
}

// with is the shop with the student's functions at some participants. The others, and
// the initiator, are the chapter's own.
func with(part shop.Part, yours ...string) lab.Variant {
	services := []lab.Service{
		initiator(func(db *sqlite.DB, client *http.Client) http.Handler {
			return order.New(db, tcc.New(db, client, tcc.MaxPlaces))
		}),
		theirs("stock", stock.Schema, stock.New),
		theirs("payment", payment.Schema, payment.New),
		theirs("delivery", delivery.Schema, delivery.New),
	}
	for i, ours := range []lab.Service{
		{},
		asked("stock", `('tea', 10)`, stock.Rules(), part),
		asked("payment", `('ada', 10000)`, payment.Rules(), part),
		asked("delivery", `('mon-am', 5), ('sun-am', 0)`, delivery.Rules(), part),
	} {
		if slices.Contains(yours, ours.Name) {
			services[i] = ours
		}
	}
	return lab.Variant{Name: "yours", Services: services}
}

// recovering is the shop with the student's recovery.
func recovering(v lab.Variant) lab.Variant {
	v.Services[0] = initiator(func(db *sqlite.DB, client *http.Client) http.Handler {
		return shop.New(db, client, Recover)
	})
	return v
}

// written is all that the student writes for a participant.
func written() shop.Part { return shop.Part{Try: Try, Confirm: Confirm, Cancel: Cancel} }

// onlyTry is the student's try, with a confirm and a cancel that do nothing.
func onlyTry() shop.Part {
	nothing := func(*shop.Book) error { return nil }
	return shop.Part{Try: Try, Confirm: nothing, Cancel: nothing}
}

// reserves is a shop in which an order's effect is what it reserves.
func reserves(v lab.Variant) lab.Variant {
	for i, s := range v.Services {
		if s.Name != "order" {
			v.Services[i].Queries.Stuck = ""
			v.Services[i].Queries.Effects = fmt.Sprintf(`SELECT '%s', id, name, sum(reserved)
				FROM moves GROUP BY id, name ORDER BY id`, s.Name)
		}
	}
	return v
}

func initiator(build func(*sqlite.DB, *http.Client) http.Handler) lab.Service {
	return lab.Service{
		Name: "order", Schema: order.Schema, New: build,
		Queries: lab.Queries{
			Effects: `SELECT 'order', id, item, 1 FROM orders JOIN transactions USING (id)
				WHERE state = 'confirming' ORDER BY id`,
			Stuck: `SELECT id || ' is ' || state || ', and waits for ' || waiting
				FROM transactions WHERE waiting <> '' UNION ALL
				SELECT id || ' has ended, and there is no decision'
				FROM transactions WHERE waiting = '' AND state = 'trying'`,
		},
	}
}

// theirs is a participant of the chapter.
func theirs(
	name, schema string, build func(*sqlite.DB, *http.Client) http.Handler,
) lab.Service {
	s := lab.Service{Name: name, Schema: schema, New: build, Queries: queries(name)}
	s.Queries.Effects = fmt.Sprintf(`SELECT '%s', id, name, amount FROM reservations
		JOIN barrier USING (id) WHERE operation = 'confirm'`, name)
	return s
}

// asked is a participant of the student's. Its effect is what has left the account.
func asked(name, accounts string, rules participant.Rules, part shop.Part) lab.Service {
	s := lab.Service{
		Name: name, Queries: queries(name),
		Schema: shop.Schema + "INSERT INTO accounts (name, available) VALUES " + accounts + ";",
		New: func(db *sqlite.DB, _ *http.Client) http.Handler {
			return shop.NewParticipant(db, rules, part)
		},
	}
	s.Queries.Effects = fmt.Sprintf(`SELECT '%s', id, name, -sum(available + reserved) FROM moves
		GROUP BY id, name HAVING sum(available + reserved) <> 0 ORDER BY id`, name)
	return s
}

func queries(name string) lab.Queries {
	return lab.Queries{
		Balances: fmt.Sprintf(`SELECT '%s', name, available FROM accounts ORDER BY name`, name),
		Stuck: fmt.Sprintf(`SELECT '%s: ' || reserved || ' of ' || name || ' are still reserved'
			FROM accounts WHERE reserved <> 0 ORDER BY name`, name),
	}
}
