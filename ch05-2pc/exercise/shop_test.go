package exercise

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch05-2pc/delivery"
	"example.com/dtx/ch05-2pc/exercise/shop"
	"example.com/dtx/ch05-2pc/order"
	"example.com/dtx/ch05-2pc/payment"
	"example.com/dtx/ch05-2pc/stock"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/grade"
)

// exercise is the chapter that the steps play.
func exercise(scenarios ...lab.Scenario) lab.Chapter {
	return lab.Chapter{Name: "ch05-2pc/exercise", Effects: effects, Scenarios: scenarios}
}

func success() lab.Scenario {
	return lab.Scenario{Name: "success", Orders: []lab.Order{tea("order-1", "ada")}, Want: []int{201}, Tries: 5}
}

func slotFull() lab.Scenario {
	o := tea("order-1", "ada")
	o.Slot = "sun-am"
	return lab.Scenario{Name: "slot full", Orders: []lab.Order{o}, Want: []int{409}, Tries: 5}
}

// theLastUnit is wanted by two customers at once.
func theLastUnit() lab.Scenario {
	one, other := tea("order-1", "ada"), tea("order-10", "bob")
	one.Item, one.Quantity, other.Item, other.Quantity = "truffle", 1, "truffle", 1
	return lab.Scenario{Name: "the last unit", Orders: []lab.Order{one, other}, Want: []int{201, 409}, Tries: 5}
}

// theSameRows are wanted by two orders at once, and there is enough for both.
func theSameRows() lab.Scenario {
	return lab.Scenario{Name: "the same rows", Orders: []lab.Order{tea("order-1", "ada"), tea("order-10", "ada")}, Want: []int{201, 201}, Tries: 5}
}

func tea(key, customer string) lab.Order {
	return lab.Order{Key: key, Customer: customer, Item: "tea", Quantity: 2, Slot: "mon-am"}
}

// effects is what a confirmed order has done.
func effects(o lab.Order) []lab.Effect {
	price := map[string]int64{"tea": 500, "truffle": 900}[o.Item] // cents
	return []lab.Effect{
		{Kind: lab.OrderKind, Order: o.Key, Account: o.Item, Amount: 1},
		{Kind: "stock", Order: o.Key, Account: o.Item, Amount: int64(o.Quantity)},
		{Kind: "payment", Order: o.Key, Account: o.Customer, Amount: price * int64(o.Quantity)},
		{Kind: "delivery", Order: o.Key, Account: o.Slot, Amount: 1},
	}
}

// brokenPromise has an operator abort by hand what stock has promised. The commit
// that comes then cannot be carried out, and whoever says "done" to it has the
// coordinator forget the order.
func brokenPromise(t *grade.T) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "stock.db"), Schema: shop.Schema + stock.Accounts})
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	p := shop.NewParticipant(db, nil, shop.Part{Short: httpapi.OutOfStock, Prepare: Prepare, Commit: Commit, Abort: Abort})
	for _, verb := range []string{"prepare", "abort", "commit"} {
		r := httptest.NewRequest(http.MethodPost, "/"+verb, strings.NewReader(`{"order":"order-1","name":"tea","amount":2}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", "order-1.1.1")
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		if done := w.Code == http.StatusOK; done == (verb == "commit") {
			t.Wrong("stock prepares, an operator aborts that by hand, and then the coordinator says: commit",
				fmt.Sprintf("the answer to %s was %d: what is aborted is not committed, and somebody has to know", verb, w.Code))
		}
	}
}

// asking is how a participant asks.
type asking func(ctx context.Context, p *shop.Participant, id string) error

// ours is the shop with the chapter's own coordinator.
func ours(ask asking) lab.Variant {
	return with(ask, func(db *sqlite.DB, client *http.Client) http.Handler { return order.New(db, client) })
}

// yours is the shop with the student's coordinator.
func yours(ask asking) lab.Variant {
	return with(ask, func(db *sqlite.DB, client *http.Client) http.Handler {
		return shop.NewCoordinator(db, client, shop.Yours{Finish: Finish, Recover: Recover, Answer: Answer})
	})
}

func with(ask asking, coordinator func(*sqlite.DB, *http.Client) http.Handler) lab.Variant {
	return lab.Variant{Name: "yours", Services: []lab.Service{
		{
			Name: "order", Schema: order.Schema, New: coordinator,
			Queries: lab.Queries{
				Effects: `SELECT 'order', id, item, 1 FROM orders WHERE refused = '' ORDER BY id`,
				Stuck:   `SELECT order_id || ' is decided, and its end is not noted' FROM decisions WHERE waiting <> '' ORDER BY order_id`,
			},
		},
		part(ask, "stock", stock.Accounts, httpapi.OutOfStock),
		part(ask, "payment", payment.Accounts, httpapi.InsufficientFunds),
		part(ask, "delivery", delivery.Accounts, httpapi.SlotFull),
	}}
}

func part(ask asking, name, accounts string, short httpapi.Kind) lab.Service {
	p := shop.Part{Short: short, Prepare: Prepare, Commit: Commit, Abort: Abort, Ask: ask}
	return lab.Service{
		Name: name, Schema: shop.Schema + accounts,
		New: func(db *sqlite.DB, client *http.Client) http.Handler { return shop.NewParticipant(db, client, p) },
		Queries: lab.Queries{
			Balances: fmt.Sprintf(`SELECT '%s', name, amount FROM accounts ORDER BY name`, name),
			Effects:  fmt.Sprintf(`SELECT '%s', order_id, name, amount FROM moves ORDER BY order_id`, name),
			Stuck: fmt.Sprintf(`SELECT '%[1]s: the record of ' || id || ' still says prepared' FROM records WHERE state = 'prepared'
				UNION ALL SELECT '%[1]s: ' || name || ' is still locked for ' || id FROM locks WHERE id NOT IN (SELECT id FROM records WHERE state = 'prepared')
				ORDER BY 1`, name),
		},
	}
}
