package main

import (
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/readme"
	"example.com/dtx/lab/sim"
)

// split cuts delivery off from all others, when the votes are in.
var split = []string{
	"partition @ order → delivery: POST /pre-commit/order-1.1.1 order-1.1.1 #1",
	"partition @ delivery → stock: GET /states/order-1.1.1 #1",
	"partition @ delivery → payment: GET /states/order-1.1.1 #1",
}

func TestThreePhasesDecideTwiceWhenTheNetworkIsSplit(t *testing.T) {
	t.Parallel()
	run := playSplit(t)
	require.Len(t, run.Findings, 1)
	require.Equal(t, "all or nothing", run.Findings[0].Invariant, "%s", run.Findings[0])
}

// playSplit places one order in three phases while the network is cut in two.
func playSplit(t *testing.T) sim.Run {
	t.Helper()
	s, err := chapter().Scenario("success")
	require.NoError(t, err)
	var plan []fault.Fault
	for _, name := range split {
		f, err := fault.Parse(name)
		require.NoError(t, err)
		plan = append(plan, f)
	}
	run := sim.NewStage(t, chapter(), inThreePhases()).Run(t, s, nil, plan...)
	require.Empty(t, run.Unfired, "the faults never came")
	return run
}

// drawSplit draws that order.
func drawSplit(t *testing.T) readme.Draw {
	t.Helper()
	events := playSplit(t).Events
	return func(w io.Writer) error { return event.SVG(w, inThreePhases().Columns(), events) }
}

// threePhaseTable counts the single faults that break the order that nothing hinders.
func threePhaseTable(t *testing.T) string {
	t.Helper()
	s, err := chapter().Scenario("success")
	require.NoError(t, err)
	r := sim.NewStage(t, chapter(), inThreePhases()).Explore(t, s, false)
	const head = "| three phases | faults tried | that break the order |\n|---|---|---|\n"
	return head + fmt.Sprintf("| one fault at a time | %d | %d |\n", r.Faults, r.Broken)
}
