// Package toy is test support: the smallest chapter that needs a protocol. The
// laboratory is tried on it.
//
// Two services place an order. The shop writes the order down, has the till
// charge the customer, and writes down what came of it. What a crash or a lost
// answer leaves open, the shop takes up again in the background. The right
// version withstands every fault and every pair of faults; each of the others
// has one flaw, which breaks one invariant.
//
// Together with the files in testdata/chapter it is what a new chapter begins with:
// CONTRIBUTING.md has the steps.
package toy

import (
	"net/http"

	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
)

// What one charge may take at most, in cents; and as the next version has it.
const (
	wide   = 1000
	narrow = 400
)

// plenty is room for as many orders at the same time as there ever are.
const plenty = 100

// The other versions.
const (
	narrower   = "narrower"      // its rules
	roomForOne = "room for one"  // order at a time
	oneMore    = "a column more" // in its tables
	fieldMore  = "a field more"  // in its requests
)

// Flaw is what is wrong with a version; it names the variant, too.
type Flaw string

// The flaws, and the invariant that each one breaks.
const (
	None Flaw = "right"
	// TwoTransactions breaks lab.Conserved: the till takes, commits, and notes it later.
	TwoTransactions Flaw = "two transactions"
	// NoDeduplication breaks lab.AllOrNothing: the till charges as often as it is asked.
	NoDeduplication Flaw = "no deduplication"
	// TimeoutIsNo breaks lab.Answered: the shop refuses when it does not know.
	TimeoutIsNo Flaw = "a timeout is no"
	// HoldForgotten breaks lab.AtRest: the till dies, and its hold is never removed.
	HoldForgotten Flaw = "hold forgotten"
	// ParkedUnseen breaks lab.AtRest: the shop sets aside an order for good.
	ParkedUnseen Flaw = "parked unseen"
	// RefusalForgotten breaks lab.Answered: a refused order is tried anew.
	RefusalForgotten Flaw = "a refusal forgotten"
	// RefusalUnnoted breaks lab.AllOrNothing: the till accepts a copy of what it refused.
	RefusalUnnoted Flaw = "a refusal unnoted"
	// PlaceKept breaks lab.FinalAnswer: an order that fails keeps its place.
	PlaceKept Flaw = "a place kept"
	// LimitFirst breaks lab.AllOrNothing: the till judges before it looks up.
	LimitFirst Flaw = "the limit first"
	// ColumnsCounted breaks lab.FinalAnswer: the shop counts the columns of its table.
	ColumnsCounted Flaw = "columns counted"
	// BodiesCompared breaks lab.AllOrNothing: the till compares whole requests.
	BodiesCompared Flaw = "bodies compared"
	// FieldRequired breaks lab.AllOrNothing: the till's next release wants a field in
	// each request.
	FieldRequired Flaw = "a field required"
	// ErrorForEver breaks lab.FinalAnswer: a recovered order has no answer.
	ErrorForEver Flaw = "an error for ever"
	// BalanceCached breaks lab.Conserved: the till believes that it alone writes.
	BalanceCached Flaw = "balance cached"
)

// Alone returns a variant that needs no protocol: the till takes the orders
// itself. It is small enough to try every pair of faults on it all the time.
func Alone() lab.Variant {
	return lab.Variant{
		Name:  "alone",
		About: "a till that takes the orders itself", Idempotent: true,
		Services: []lab.Service{{
			Name: "till", Schema: tillSchema,
			New: func(db *sqlite.DB, _ *http.Client) http.Handler {
				return newTill(db, None, "", wide)
			},
			Queries: lab.Queries{
				Balances: "SELECT 'payment', customer, cents FROM accounts",
				Effects: "SELECT kind, id, customer, iif(kind = 'order', 1, cents) " +
					"FROM charges, (SELECT 'order' AS kind UNION ALL SELECT 'payment') " +
					"WHERE NOT refused",
			},
		}},
	}
}

// Variant returns the version with a flaw.
func Variant(flaw Flaw) lab.Variant {
	return lab.Variant{
		Name:  string(flaw),
		About: "a shop and a till", Idempotent: true,
		Services: []lab.Service{
			shopOf(flaw, "", plenty),
			tillOf(flaw, "", wide),
		},
		Spares: []lab.Service{
			tillOf(flaw, narrower, narrow), shopOf(flaw, roomForOne, 1),
			upgraded(tillOf(flaw, oneMore, wide), "charges"),
			upgraded(shopOf(flaw, oneMore, plenty), "orders"),
			shopOf(flaw, fieldMore, plenty), tillOf(flaw, fieldMore, wide),
		},
	}
}

func shopOf(flaw Flaw, version string, room int) lab.Service {
	return lab.Service{
		Name: "shop", Version: version, Schema: shopSchema,
		New: func(db *sqlite.DB, client *http.Client) http.Handler {
			return newShop(db, client, flaw, version, room)
		},
		Queries: lab.Queries{
			Effects: "SELECT 'order', id, customer, 1 FROM orders WHERE state = 'done'",
			Stuck:   "SELECT id || ' is open' FROM orders WHERE state = 'open'",
			Parked:  "SELECT id || ' is set aside: no answer' FROM parked",
		},
	}
}

func tillOf(flaw Flaw, version string, max int64) lab.Service {
	return lab.Service{
		Name: "till", Version: version, Schema: tillSchema,
		New: func(db *sqlite.DB, _ *http.Client) http.Handler {
			return newTill(db, flaw, version, max)
		},
		Queries: lab.Queries{
			Balances: "SELECT 'payment', customer, cents FROM accounts",
			Effects:  "SELECT 'payment', id, customer, cents FROM charges WHERE NOT refused",
			Stuck:    "SELECT 'money is held for ' || id FROM holds",
		},
	}
}

// upgraded gives a column more to a table.
func upgraded(s lab.Service, table string) lab.Service {
	s.Upgrade = []string{"ALTER TABLE " + table + " ADD COLUMN note TEXT NOT NULL DEFAULT ''"}
	return s
}

// Chapter returns all versions, and the situations that they meet.
func Chapter() lab.Chapter {
	return lab.Chapter{
		Name:     "toy",
		Title:    "A shop and a till",
		Variants: variants(),
		Scenarios: []lab.Scenario{
			{
				Name:   "success",
				Orders: []lab.Order{order("order-1", "ada")}, Want: []int{201},
			},
			{
				Name:   "retry",
				Orders: []lab.Order{order("order-1", "ada")}, Want: []int{201}, Tries: 3,
			},
			{
				Name:   "refused",
				Orders: []lab.Order{order("order-1", "eve")}, Want: []int{409}, Tries: 3,
			},
			{
				Name:   "rules narrower",
				Orders: []lab.Order{order("order-1", "ada")}, Want: []int{201}, Tries: 3,
				Release: narrower,
			},
			{
				Name:   "a column more",
				Orders: []lab.Order{order("order-1", "ada")}, Want: []int{201}, Tries: 3,
				Release: oneMore,
			},
			{
				Name:   "a field more",
				Orders: []lab.Order{order("order-1", "ada")}, Want: []int{201}, Tries: 3,
				Release: fieldMore, Means: "the shop sends it, and the till knows it already",
			},
			inTurn(),
			moneyComesIn(), oneAfterTheOther(),
			{
				Name:   "two at once",
				Orders: []lab.Order{order("order-1", "ada"), order("order-10", "ada")},
				Want:   []int{201, 201},
			},
			{
				Name:   "the last euro",
				Orders: []lab.Order{order("order-1", "bob"), order("order-10", "bob")},
				Want:   []int{201, 409},
			},
		},
		Effects: func(o lab.Order) []lab.Effect {
			return []lab.Effect{
				{Kind: lab.OrderKind, Order: o.Key, Account: o.Customer, Amount: 1},
				{Kind: "payment", Order: o.Key, Account: o.Customer, Amount: price},
			}
		},
	}
}

// moneyComesIn: an order that was refused for want of money stays refused.
func moneyComesIn() lab.Scenario {
	return lab.Scenario{
		Name: "money comes in", Tries: 3,
		Orders: []lab.Order{order("order-1", "eve")}, Want: []int{409},
		Change: lab.Change{
			Service: "till", Means: "eve gets 900 cents",
			SQL: "UPDATE accounts SET cents = cents + 900 WHERE customer = 'eve'",
		},
	}
}

// oneAfterTheOther: the shop has room for one order, and a second one comes at rest.
func oneAfterTheOther() lab.Scenario {
	return lab.Scenario{
		Name: "one after the other", Version: roomForOne, Want: []int{201}, Tries: 1,
		Orders: []lab.Order{order("order-1", "ada")}, More: []lab.Order{order("order-2", "ada")},
	}
}

func variants() []lab.Variant {
	list := []lab.Variant{Alone()}
	for _, flaw := range []Flaw{
		None, TwoTransactions, NoDeduplication, TimeoutIsNo, HoldForgotten, ParkedUnseen,
		ErrorForEver, LimitFirst, ColumnsCounted, BodiesCompared, FieldRequired,
		RefusalForgotten, PlaceKept, BalanceCached,
	} {
		list = append(list, Variant(flaw))
	}
	return list
}

func order(key, customer string) lab.Order {
	return lab.Order{Key: key, Customer: customer, Item: "tea", Quantity: 1, Slot: "mon-am"}
}

func inTurn() lab.Scenario {
	orders := []lab.Order{order("order-1", "ada"), order("order-10", "ada")}
	return lab.Scenario{Name: "in turn", InTurn: true, Orders: orders, Want: []int{201, 201}}
}
