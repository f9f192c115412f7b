package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

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
	run := sim.Play(t, chapter(), inThreePhases(), "success", split...)
	require.Len(t, run.Findings, 1)
	require.Equal(t, "all or nothing", run.Findings[0].Invariant, "%s", run.Findings[0])
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
