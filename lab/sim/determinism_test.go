package sim_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/sim"
	"example.com/dtx/lab/toy"
)

func TestTheSamePlanGivesTheSameEvents100TimesOf100(t *testing.T) {
	const last = "shop → till: POST /charge order-10 #1"
	plans := map[string][]fault.Fault{
		"no fault": nil,
		"two requests delivered twice": {
			{Kind: fault.TwiceAtOnce, Point: order},
			{Kind: fault.TwiceAtOnce, Point: last},
		},
		"a zombie at the till":     {{Kind: fault.ZombieAsked, Point: charged}},
		"a zombie that wakes late": {{Kind: fault.ZombieAsleep, Point: charge}},
		"a power cut during a slow one": {
			{Kind: fault.Slow, Point: charge},
			{Kind: fault.PowerCut, Point: "till: commit POST /charge order-10 #1"},
		},
		"a statement fails, and an fsync is lost": {
			{Kind: fault.LastStatement, Point: taking},
			{Kind: fault.LostFsync, Point: "till: commit POST /charge order-10 #1"},
		},
		"a full disk, a stranger, and a good end": {
			{Kind: fault.DiskFull, Point: taking}, {Kind: fault.Stranger502, Point: last},
			{Kind: fault.GoodOrder, Point: "shop: POST /orders order-10 #1"},
		},
		"one does not begin before a good end": {
			{Kind: fault.NotBegun, Point: taking},
			{Kind: fault.GoodOrder, Point: "till: POST /charge order-10 #1"},
		},
	}
	for name, plan := range plans {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := stage(t, toy.NoDeduplication)
			two := scenario(t, "two at once").InDepth()
			first := s.Run(t, two, []int{1, 1, 1}, plan...)
			require.Empty(t, first.Unfired)
			coherent(t, first)
			for n := 2; n <= 100; n++ {
				next := s.Run(t, two, []int{1, 1, 1}, plan...)
				require.Equal(t, first.Events, next.Events, "run %d of the same plan %v", n, plan)
				require.Equal(t, first.After, next.After, "run %d of the same plan %v", n, plan)
			}
		})
	}
}

func TestARequestAtTheDoorOfAPausedProcessArrivesWhenItWakes(t *testing.T) {
	t.Parallel()
	pause := fault.Fault{Kind: fault.Pause, Point: charged}
	r := stage(t, toy.None).Run(t, scenario(t, "two at once"), nil, pause)
	require.Empty(t, r.Unfired)
	coherent(t, r)
}

// coherent checks that events are numbered, that clocks go on, and that each
// message is sent once, before it arrives or is lost, and not both.
func coherent(t *testing.T, r sim.Run) {
	t.Helper()
	sent, ended, clock := map[string]event.Event{}, map[string]bool{}, map[string]int{}
	for i, e := range r.Events {
		require.Equal(t, i+1, e.Seq, "after %v", r.Plan)
		if e.Kind != event.Verdict {
			require.Greater(t, e.Lamport, clock[e.Service],
				"clock of %s at event %d after %v", e.Service, e.Seq, r.Plan)
		}
		clock[e.Service] = e.Lamport
		switch e.Kind {
		case event.Send:
			require.NotContains(t, sent, e.Message, "after %v", r.Plan)
			sent[e.Message] = e
		case event.Receive, event.Drop:
			require.Contains(t, sent, e.Message, "event %d after %v: never sent", e.Seq, r.Plan)
			require.False(t, ended[e.Message],
				"event %d after %v: %s arrives or is lost twice", e.Seq, r.Plan, e.Message)
			ended[e.Message] = true
		}
		if e.Kind == event.Receive {
			require.Greater(t, e.Lamport, sent[e.Message].Lamport,
				"event %d after %v: received before it was sent", e.Seq, r.Plan)
		}
	}
}

func TestClientsWithOneKeyAreToldApartByWhatTheyWant(t *testing.T) {
	t.Parallel()
	s, twins := sim.NewStage(t, toy.Chapter(), alone(onlyAda())), toy.SameKey()
	first := s.Run(t, twins, nil)
	for range 20 {
		slices.Reverse(twins.Orders)
		require.Equal(t, first.Events, s.Run(t, twins, nil).Events, "only the list was reversed")
	}
}

// onlyAda is a service that refuses all customers but one.
func onlyAda() http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !strings.Contains(string(body), "ada") {
			w.WriteHeader(http.StatusConflict)
		}
	}
}

// alone is a shop of one service without a database.
func alone(h http.Handler) lab.Variant {
	return lab.Variant{Name: "alone", Services: []lab.Service{{
		Name: "shop", New: func(*sqlite.DB, *http.Client) http.Handler { return h },
	}}}
}

// counting is a service that remembers something beside its database: no two runs are
// alike.
type counting struct{ next atomic.Int64 }

func (c *counting) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(200 + int(c.next.Add(1)))
}

func TestARunThatIsAnotherOneIsSeen(t *testing.T) {
	t.Parallel()
	s, two := sim.NewStage(t, toy.Chapter(), alone(&counting{})), scenario(t, "two at once")
	err := s.Again(t, two, s.Run(t, two, nil), 1)
	require.ErrorContains(t, err, "differs")
}
