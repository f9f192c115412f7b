package serve

import (
	"fmt"
	"slices"
	"strings"

	"example.com/dtx/lab"
)

// Plainly says what orders have done, in money and goods: "ada paid 10.00 €,
// 2 packets of tea are gone, and there is no order".
func Plainly(before, after lab.Ledger, orders []lab.Order) string {
	if len(orders) == 0 {
		return ""
	}
	var list []string
	for _, kind := range []string{"payment", "stock", "delivery"} {
		for _, b := range after.Balances {
			if gone := before.Amount(b) - b.Amount; b.Kind == kind && gone != 0 {
				list = append(list, change(b, gone))
			}
		}
	}
	if len(list) > 0 {
		list = append(list, "and there is "+written(after, orders))
		return strings.Join(list, ", ")
	}
	return "there is " + written(after, orders)
}

// change says what has gone from an account, or come to it.
func change(b lab.Balance, gone int64) string {
	how, paid := " gone", " paid "
	if gone < 0 {
		gone, how, paid = -gone, " too many", " was given "
	}
	switch b.Kind {
	case "payment":
		return fmt.Sprintf("%s%s%d.%02d €", b.Account, paid, gone/100, gone%100)
	case "delivery":
		return several(gone, "place") + " in " + b.Account + are(gone) + how
	}
	return several(gone, "packet") + " of " + b.Account + are(gone) + how
}

// written says which orders the shop has written down.
func written(after lab.Ledger, orders []lab.Order) string {
	var list []string
	for _, o := range orders {
		is := func(e lab.Effect) bool {
			return e.Kind == lab.OrderKind && e.Order == o.Key && e.Account == o.Item
		}
		if slices.ContainsFunc(after.Effects, is) {
			list = append(list, "an order for "+several(int64(o.Quantity), "packet")+" of "+o.Item)
		}
	}
	if len(list) == 0 {
		return "no order"
	}
	return strings.Join(list, " and ")
}

func several(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n, " ", one, "s")
}

func are(n int64) string {
	if n == 1 {
		return " is"
	}
	return " are"
}
