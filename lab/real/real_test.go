package real_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/labtest"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/sim"
	"example.com/dtx/lab/toy"
)

// atOnce is how many clusters a test runs at the same time: most of their time
// they wait.
const atOnce = 4

func TestEveryFaultDoesTheSameInRealProcessesAsInTheSimulation(t *testing.T) {
	success, v := labtest.Scenario(t, "success"), toy.Variant(toy.None)
	stage := sim.NewStage(t, toy.Chapter(), v)
	type result struct {
		fault fault.Fault
		real.Outcome
		err error
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // two dozen runs, some at once
	defer cancel()
	faults := oneOfEachKind(stage.Run(t, success, nil))
	results, turns := make(chan result, len(faults)), make(chan struct{}, atOnce)
	for _, f := range faults {
		go func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			real, err := real.Play(ctx, toy.Chapter(), v, success, f)
			results <- result{f, real, err}
		}()
	}
	for range faults {
		real := <-results
		require.NoError(t, real.err, real.fault)
		simulated := stage.Run(t, success, nil, real.fault)
		require.Empty(t, real.Unfired, "%s: in real processes it never came", real.fault)
		require.Equal(t, simulated.Told, real.Told, "%s: what the client was told", real.fault)
		require.Equal(t, simulated.After, real.After, "%s: ledgers", real.fault)
		require.Equal(t, simulated.Findings, real.Findings, "%s: verdict", real.fault)
		require.Equal(t, restarts(simulated.Events), restarts(real.Events),
			"%s: processes that died and were started again", real.fault)
	}
}

func TestAnswersThatAreNotExpectedAreToldWithTheVerdict(t *testing.T) {
	t.Parallel()
	s, v := labtest.Scenario(t, "success"), toy.Variant(toy.None)
	for wanted, verdict := range map[int]string{
		201: "verdict   nothing is broken\n",
		409: "verdict   without a fault: answers [201], want [409]\n",
	} {
		s.Want = []int{wanted}
		var out bytes.Buffer
		require.NoError(t, real.Show(t.Context(), lab.NewTeller(&out), toy.Chapter(), v, s))
		require.True(t, strings.HasSuffix(out.String(), verdict), "%s", &out)
	}
}

// restarts lists the services that were started again.
func restarts(events []event.Event) (list []string) {
	for _, e := range events {
		if e.Kind == event.Restart {
			list = append(list, e.Service)
		}
	}
	return list
}

// oneOfEachKind picks a place for each kind of fault that does not take long in
// real time.
func oneOfEachKind(plain sim.Run) (list []fault.Fault) {
	long := []fault.Kind{
		fault.Pause, fault.Slow, fault.Partition, fault.DiskFull,
		fault.ZombieAsleep, fault.ZombieAsleepOnReply, fault.ZombieCutOff,
	}
	first := plain.Passed[0].String() // the client's own patience is long
	for _, k := range fault.Kinds() {
		i := slices.IndexFunc(plain.Offers, func(o fault.Offer) bool {
			return o.Kind == k && o.Point != first
		})
		if i >= 0 && !slices.Contains(long, k) {
			list = append(list, plain.Offers[i].Fault)
		}
	}
	const charged = "till: POST /charge order-1 #1" // the shop has little patience
	return append(list, fault.Fault{Kind: fault.ZombieAsleep, Point: charged})
}
