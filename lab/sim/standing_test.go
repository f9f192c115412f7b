package sim_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/sim"
	"example.com/dtx/lab/toy"
)

func TestAStandingFaultIsPartOfEveryPlan(t *testing.T) {
	t.Parallel()
	s := sim.NewStage(t, toy.Chapter(), toy.Variant(toy.NoDeduplication))
	success := scenario(t, "success")
	lost, err := fault.Parse("lost @ " + charge)
	require.NoError(t, err)
	later := 0
	for _, o := range s.Run(t, success, nil, lost).Offers {
		if o.Seq > firedAt(t, s.Run(t, success, nil), lost) {
			later += 1 + len(sim.PowerCuts(o, s.Run(t, success, nil, lost, o.Fault)))
		}
	}
	report := s.Explore(t, success, false, lost)
	require.Equal(t, 1+later, report.Faults,
		"the fault alone, and with each that can strike after it")
	require.NotEmpty(t, report.Damages)
	for _, d := range report.Damages {
		require.Equal(t, lost, d.Plan[0])
	}
}

func TestAStandingFaultThatIsEnoughNeedsNoSecondOne(t *testing.T) {
	t.Parallel()
	twice, err := fault.Parse("delivered twice @ " + charge)
	require.NoError(t, err)
	s := stage(t, toy.NoDeduplication).Until(lab.AllOrNothing)
	report := s.Explore(t, scenario(t, "success"), false, twice)
	require.Equal(t, 1, report.Faults, "runs")
	for _, d := range report.Damages {
		require.Equal(t, []fault.Fault{twice}, d.Plan)
	}
	require.NotEmpty(t, report.Damages)
}

// firedAt says when a fault could have struck in a run.
func firedAt(t *testing.T, r sim.Run, f fault.Fault) int {
	t.Helper()
	for _, o := range r.Offers {
		if o.Fault == f {
			return o.Seq
		}
	}
	require.Fail(t, "never offered", f)
	return 0
}

func TestAScenarioThatNeverComesToTheStandingFaultIsLeftOut(t *testing.T) {
	t.Parallel()
	never, err := fault.Parse("lost @ shop → till: POST /charge order-9 #1")
	require.NoError(t, err)
	report := stage(t, toy.None).Explore(t, scenario(t, "success"), false, never)
	require.Zero(t, report.Faults)
	require.Empty(t, report.Wrong)
}

func TestOrdersInTurnFollowOneAnotherUnderEveryFault(t *testing.T) {
	t.Parallel()
	inTurn := scenario(t, "two at once")
	require.True(t, inTurn.AtOnce())
	inTurn.InTurn = true
	require.False(t, inTurn.AtOnce())
	s := stage(t, toy.None)
	answered := map[string]int{}
	for _, e := range s.Run(t, inTurn, nil).Events {
		if e.Service == lab.Client && e.Kind == event.Receive {
			answered[e.Point] = e.Seq
		}
		const first = "client → shop: POST /orders order-1 #1"
		const second = "client → shop: POST /orders order-10 #1"
		if e.Service == lab.Client && e.Kind == event.Send && e.Point == second {
			require.Contains(t, answered, first,
				"the second order was placed before the first was answered")
		}
	}
	require.Len(t, answered, 2)
	report := s.Explore(t, inTurn, false)
	require.NotZero(t, report.Faults)
	require.Zero(t, report.Broken)
}
