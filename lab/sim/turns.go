package sim

import (
	"cmp"
	"maps"
	"os"
	"slices"
	"strings"

	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
)

// turns decides whose transaction begins next, where several orders wait.
type turns struct {
	schedule []int // the number of the order that goes first, at each choice
	restless bool  // nothing ever sleeps: every schedule is played
	reads    bool  // reads wait, too
	groups   bool  // two updates may share a commit
	twins    bool  // orders have the same key, and are told apart by their clients' requests

	// asleep is what an order was about to do when another one was let go first.
	asleep  map[string]transaction
	choices []int             // the number of orders to choose from, each time
	again   bool              // an earlier run differs only in the order of what is independent
	grouped bool              // two updates have shared a commit
	roots   map[string]string // the client's request that a message serves
}

// turns prepares the turns of a run. The long tier has reads wait for their turn in
// every race, and updates share commits in every deep one. In the second tier, reads
// wait where two orders have one key, and updates share commits in a second pass.
func (s *Stage) turns(scenario lab.Scenario, schedule []int) turns {
	long := os.Getenv(lab.RacesVariable) != ""
	return turns{
		schedule: schedule, twins: scenario.Twins(), restless: s.restless,
		groups: scenario.Deep && (long || s.sharing),
		reads:  long || s.inTurn || scenario.Twins() && !s.sharing,
		asleep: map[string]transaction{}, roots: map[string]string{},
	}
}

// transaction is what an order waits for.
type transaction struct {
	service string
	read    bool
}

func transactionOf(k *parked) transaction {
	return transaction{k.Point.Service, k.Step == fault.Reading}
}

// independent tells whether it makes no difference which of two comes first.
func (t transaction) independent(other transaction) bool {
	return t.service != other.service || t.read && other.read
}

// choose takes the first by name. Transactions begin last; when several orders
// wait for theirs, the schedule says whose turn it is. What has begun commits
// before anything else begins: with one writer, nothing can come between, except
// an update that shares its commit.
func (w *world) choose(ready []*parked) *parked {
	slices.SortStableFunc(ready, func(a, b *parked) int {
		return cmp.Or(w.rank(a)-w.rank(b), strings.Compare(a.name, b.name))
	})
	switch w.rank(ready[0]) {
	case 0:
		return ready[0]
	case 1:
		return w.share(ready[0], ready[1:])
	}
	return w.turn(ready)
}

// rank says what goes first: 0 is what needs no choice, 1 a transaction that
// another one could share, and 2 what begins.
func (w *world) rank(k *parked) int {
	switch {
	case k.Step == fault.Joining:
		return 1
	case k.Step == fault.Reading && w.reads:
		return 2
	case k.Step == fault.Beginning && (k.Forced || w.variant.Unforced):
		return 2
	}
	return 0
}

// share chooses whether a transaction commits, or waits for another one first.
func (w *world) share(open *parked, ready []*parked) *parked {
	able := []*parked{open}
	for _, k := range ready {
		if k.Step == fault.Beginning && k.process == open.process && (open.Forced || !k.Forced) {
			able = append(able, k)
		}
	}
	pick := w.turn(able)
	w.turns.grouped = w.turns.grouped || pick != open
	return pick
}

// turn lets one of the orders go on with its first transaction in the list.
//
// Transactions on different databases are independent, and so are two reads:
// which of them comes first makes no difference, and one of both ways is enough.
// So what was tried first sleeps while the others are, until something happens on
// which it depends (sleep sets: Godefroid, Partial-Order Methods for the
// Verification of Concurrent Systems, 1996).
func (w *world) turn(ready []*parked) *parked {
	t := &w.turns
	var orders []*parked
	for _, k := range ready {
		if !slices.ContainsFunc(orders, func(o *parked) bool { return t.order(o) == t.order(k) }) {
			orders = append(orders, k)
		}
	}
	awake := slices.DeleteFunc(slices.Clone(orders), func(k *parked) bool {
		sleeping, ok := t.asleep[t.order(k)]
		return ok && sleeping == transactionOf(k)
	})
	if len(awake) == 0 {
		t.again = true
		awake = orders[:1]
	}
	turn := t.decide(len(awake))
	pick := awake[turn]
	for _, tried := range awake[:turn] {
		if !t.restless {
			t.asleep[t.order(tried)] = transactionOf(tried)
		}
	}
	maps.DeleteFunc(t.asleep, func(order string, sleeping transaction) bool {
		return order == t.order(pick) || !sleeping.independent(transactionOf(pick))
	})
	return pick
}

// decide returns what the schedule says at a choice between n orders. After a fault
// there may be fewer orders than when the schedule was made.
func (t *turns) decide(n int) (turn int) {
	if n == 1 {
		return 0
	}
	if made := len(t.choices); made < len(t.schedule) {
		turn = min(t.schedule[made], n-1)
	}
	t.choices = append(t.choices, n)
	return turn
}

// order names the order that a goroutine works for.
func (t *turns) order(k *parked) string {
	if t.twins {
		return k.Point.Key + "\x00" + t.roots[k.Serving]
	}
	return k.Point.Key
}

// sent notes which request of a client the messages serve.
func (t *turns) sent(k *parked, messages []string) {
	for _, m := range messages {
		t.roots[m] = t.roots[k.Serving]
		if k.process == nil {
			t.roots[m] = m
		}
	}
}
