package lab_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
)

// effects of one order of the judged shop: its record, and 300 cents.
func effects(o lab.Order) []lab.Effect { return []lab.Effect{ordered(o.Key, 1), paid(o.Key, 300)} }

func ordered(key string, n int64) lab.Effect {
	return lab.Effect{Kind: lab.OrderKind, Order: key, Account: "ada", Amount: n}
}

func paid(key string, cents int64) lab.Effect {
	return lab.Effect{Kind: "payment", Order: key, Account: "ada", Amount: cents}
}

// balance of the only account, in cents.
func balance(cents int64) []lab.Balance {
	return []lab.Balance{{Kind: "payment", Account: "ada", Amount: cents}}
}

// told is what the client was told about order-1.
func told(statuses ...int) (list []lab.Answer) {
	for _, s := range statuses {
		list = append(list, lab.Answer{Order: "order-1", Status: s})
	}
	return list
}

func TestAVerdictNamesEachKindOfDamage(t *testing.T) {
	const key = "order-1"
	whole := effects(lab.Order{Key: key})
	const inFlight = "https://example.com/dtx/problems/in-flight"
	refused := []lab.Answer{{Order: key, Status: 409, Type: inFlight}}
	rows := []struct {
		name    string
		effects []lab.Effect
		left    int64 // what is left of 1000
		stuck   []string
		told    []lab.Answer
		want    []string // invariant: damage
	}{
		{name: "done", effects: whole, left: 700, told: told(201)},
		{name: "done, and the first answer was lost", effects: whole, left: 700,
			told: told(0, 503, 201)},
		{name: "done, and it was in flight before", effects: whole, left: 700, told: refused},
		{name: "not done", left: 1000, told: told(409)},
		{name: "not done, and no client knows", left: 1000, told: told(0)},
		{name: "undone by a negative effect", left: 1000, told: told(409),
			effects: []lab.Effect{paid(key, 300), paid(key, -300)}},

		{name: "money is gone", left: 900, want: []string{"conserved: payment does not add up"}},
		{name: "money came from nowhere", effects: whole, left: 701,
			want: []string{"conserved: payment does not add up"}},
		{name: "below zero", effects: []lab.Effect{ordered(key, 1), paid(key, 1001)}, left: -1,
			want: []string{
				"conserved: payment below zero",
				"all or nothing: payment of a wrong amount",
			}},
		{name: "paid twice", effects: append(whole, paid(key, 300)), left: 400,
			want: []string{"all or nothing: payment twice"}},
		{name: "paid too little", effects: []lab.Effect{ordered(key, 1), paid(key, 299)}, left: 701,
			want: []string{"all or nothing: payment of a wrong amount"}},
		{name: "not paid", effects: []lab.Effect{ordered(key, 1)}, left: 1000,
			want: []string{"all or nothing: order without payment"}},
		{name: "paid for nothing", effects: []lab.Effect{paid(key, 300)}, left: 700,
			want: []string{"all or nothing: payment without an order"}},
		{name: "another order's payment", effects: []lab.Effect{paid("order-10", 300)}, left: 700,
			want: []string{"all or nothing: payment of an unknown order"}},
		{name: "yes and no", effects: whole, left: 700, told: told(201, 409),
			want: []string{
				"answer kept: both confirmed and refused",
				"answer kept: order of a refused order",
				"answer kept: payment of a refused order",
			}},
		{name: "yes, and it is not there", left: 1000, told: told(201),
			want: []string{"answer kept: confirmed and then unknown"}},
		{name: "no, and it is there", effects: whole, left: 700, told: told(422),
			want: []string{
				"answer kept: order of a refused order",
				"answer kept: payment of a refused order",
			}},
		{name: "a hold is left", left: 1000, stuck: []string{"hold 7"},
			want: []string{"nothing stuck: stuck"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			after := lab.Ledger{Balances: balance(row.left), Effects: row.effects, Stuck: row.stuck}
			var got []string
			before, orders := lab.Ledger{Balances: balance(1000)}, []lab.Order{{Key: key}}
			for _, f := range lab.Judge(before, after, orders, effects, row.told) {
				require.NotEmpty(t, f.Text)
				got = append(got, f.Invariant+": "+f.Damage)
			}
			require.Equal(t, row.want, got,
				"left %d, effects %v, told %v", row.left, row.effects, row.told)
		})
	}
}

func TestEachOrderIsJudgedByItsOwnEffectsAndAnswers(t *testing.T) {
	orders := []lab.Order{{Key: "order-1"}, {Key: "order-10"}} // one is the beginning of the other
	after := lab.Ledger{Balances: balance(700), Effects: effects(orders[1])}
	answers := []lab.Answer{{Order: "order-1", Status: 409}, {Order: "order-10", Status: 201}}
	before := lab.Ledger{Balances: balance(1000)}
	require.Empty(t, lab.Judge(before, after, orders, effects, answers))
}
