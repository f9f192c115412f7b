package serve_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/serve"
)

func TestDamageIsSaidInMoneyAndGoods(t *testing.T) {
	tea := lab.Order{Key: "order-1", Customer: "ada", Item: "tea", Quantity: 2, Slot: "mon-am"}
	balances := func(tea, ada, monday int64) []lab.Balance {
		return []lab.Balance{
			{Kind: "stock", Account: "tea", Amount: tea},
			{Kind: "payment", Account: "ada", Amount: ada},
			{Kind: "delivery", Account: "mon-am", Amount: monday},
		}
	}
	order := []lab.Effect{{Kind: lab.OrderKind, Order: "order-1", Account: "tea", Amount: 1}}
	before := lab.Ledger{Balances: balances(10, 10000, 3)}
	for want, after := range map[string]lab.Ledger{
		"ada paid 10.00 €, 2 packets of tea are gone, and there is no order": {
			Balances: balances(8, 9000, 3),
		},
		"ada paid 0.05 €, 1 packet of tea is gone, 1 place in mon-am is gone, " +
			"and there is an order for 2 packets of tea": {
			Balances: balances(9, 9995, 2), Effects: order,
		},
		"ada was given 1.00 €, 1 packet of tea is too many, and there is no order": {
			Balances: balances(11, 10100, 3),
		},
		"there is no order": before,
	} {
		require.Equal(t, want, serve.Plainly(before, after, []lab.Order{tea}), "after %+v", after)
	}
	require.Empty(t, serve.Plainly(before, before, nil), "nothing was ordered")
}
