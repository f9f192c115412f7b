package lab

import (
	"fmt"
	"slices"
)

// Judge compares the ledgers before and after a run with what the orders
// should have done and what the clients were told.
func Judge(
	before, after Ledger, orders []Order, effects func(Order) []Effect, told []Answer,
) (findings []Finding) {
	findings = append(findings, conserved(before, after)...)
	known := map[string]bool{}
	for _, o := range orders {
		if !known[o.Key] {
			findings = append(findings, judgeKey(o.Key, orders, effects, after, told)...)
		}
		known[o.Key] = true
	}
	for _, e := range after.Effects {
		if !known[e.Order] {
			const unplaced = "%s has %s %s %d, and no client placed it"
			findings = append(findings, Finding{
				AllOrNothing, e.Kind + " of an unknown order",
				fmt.Sprintf(unplaced, e.Order, e.Kind, e.Account, e.Amount),
			})
		}
	}
	for _, s := range after.Stuck {
		findings = append(findings, Finding{AtRest, "stuck", s})
	}
	return findings
}

// judgeKey judges the orders that have a key. There can be two of them: then one is
// placed, the other is told that the key is taken, and what was done is judged as
// the order that it fits best.
func judgeKey(
	key string, orders []Order, effects func(Order) []Effect, after Ledger, told []Answer,
) (findings []Finding) {
	another := func(o Order) bool { return o.Key != key }
	taken := func(a Answer) bool { return a.Type == keyReused }
	orders = slices.DeleteFunc(slices.Clone(orders), another)
	if len(orders) > 1 {
		told = slices.DeleteFunc(slices.Clone(told), taken)
	}
	for i, o := range orders {
		found := judgeOrder(key, effects(o), after.Effects, told)
		if i == 0 || len(found) < len(findings) {
			findings = found
		}
	}
	return findings
}

// conserved checks that what is missing from each account is what its effects say.
func conserved(before, after Ledger) (findings []Finding) {
	type account struct{ kind, name string }
	missing := map[account]int64{}
	for _, b := range before.Balances {
		missing[account{b.Kind, b.Account}] += b.Amount
	}
	for _, e := range after.Effects {
		missing[account{e.Kind, e.Account}] -= e.Amount
	}
	for _, b := range after.Balances {
		a := account{b.Kind, b.Account}
		if should := missing[a]; should != b.Amount {
			text := fmt.Sprintf("%s %s is %d and should be %d", b.Kind, b.Account, b.Amount, should)
			findings = append(findings, Finding{Conserved, b.Kind + " does not add up", text})
		}
		if b.Amount < 0 {
			text := fmt.Sprintf("%s %s is %d", b.Kind, b.Account, b.Amount)
			findings = append(findings, Finding{Conserved, b.Kind + " below zero", text})
		}
	}
	return findings
}

// judgeOrder checks one order's effects, and the answers that were given.
func judgeOrder(key string, want, effects []Effect, told []Answer) (findings []Finding) {
	add := func(invariant, damage, format string, args ...any) {
		text := key + ": " + fmt.Sprintf(format, args...)
		findings = append(findings, Finding{invariant, damage, text})
	}
	confirmed, refused := answers(key, told)
	ordered := true // if no kind "order" says otherwise
	for _, w := range want {
		if w.Kind == OrderKind {
			ordered = sum(effects, key, w) != 0
		}
	}
	if confirmed && refused {
		add(Answered, "both confirmed and refused", "the client was told yes and no")
	}
	if confirmed && !ordered {
		add(Answered, "confirmed and then unknown",
			"the client was told yes, and the order is not there")
	}
	for _, e := range effects {
		if e.Order == key && !covers(want, e) && sum(effects, key, e) != 0 {
			add(AllOrNothing, e.Kind+" outside the order",
				"%s %s %d is none of its effects", e.Kind, e.Account, e.Amount)
		}
	}
	for _, w := range want {
		switch got := sum(effects, key, w); {
		case got != 0 && got == 2*w.Amount:
			add(AllOrNothing, w.Kind+" twice",
				"%s %s %d instead of %d", w.Kind, w.Account, got, w.Amount)
		case got != 0 && got != w.Amount:
			add(AllOrNothing, w.Kind+" of a wrong amount",
				"%s %s %d instead of %d", w.Kind, w.Account, got, w.Amount)
		case got == 0 && ordered:
			add(AllOrNothing, "order without "+w.Kind,
				"the order is there, %s %s %d is not", w.Kind, w.Account, w.Amount)
		}
		if got := sum(effects, key, w); got != 0 && !ordered {
			add(AllOrNothing, w.Kind+" without an order",
				"%s, and there is no order", w.happened(got))
		}
		if got := sum(effects, key, w); got != 0 && refused {
			add(Answered, w.Kind+" of a refused order",
				"the client was told no, and %s %s is %d", w.Kind, w.Account, got)
		}
	}
	return findings
}

// OrderKind is the kind of the effect that is the order's own record.
const OrderKind = "order"

// covers tells whether an effect is on an account that the order should touch.
func covers(want []Effect, e Effect) bool {
	return slices.ContainsFunc(want, func(w Effect) bool {
		return w.Kind == e.Kind && w.Account == e.Account
	})
}

func sum(effects []Effect, key string, w Effect) (n int64) {
	for _, e := range effects {
		if e.Order == key && e.Kind == w.Kind && e.Account == w.Account {
			n += e.Amount
		}
	}
	return n
}

// answers tells whether a client was told yes, and whether it was told no.
func answers(key string, told []Answer) (confirmed, refused bool) {
	for _, a := range told {
		if a.Order == key {
			confirmed = confirmed || a.Confirmed()
			refused = refused || a.Refused()
		}
	}
	return confirmed, refused
}
