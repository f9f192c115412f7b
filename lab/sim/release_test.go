package sim_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/sim"
	"example.com/dtx/lab/toy"
)

func TestAProcessThatDiesComesBackAsTheVersionReleased(t *testing.T) {
	t.Parallel()
	crash := fault.Fault{Kind: fault.Crash, Point: charged}
	r := stage(t, toy.None).Run(t, scenario(t, "rules narrower"), nil, crash)
	require.Empty(t, r.Findings)
	require.Empty(t, r.After.Effects, "the next version takes less than the order costs")
	var up []string
	for _, e := range r.Events {
		if e.Kind == event.Restart {
			up = append(up, e.Sentence())
		}
	}
	require.Equal(t, []string{"till is up again, on the same files, as version narrower"}, up)
}

func TestEachDeathOfAServiceIsARelease(t *testing.T) {
	t.Parallel()
	s, narrower := stage(t, toy.None), scenario(t, "rules narrower")
	deaths := 0
	for _, o := range s.Run(t, narrower, nil).Offers {
		if strings.HasPrefix(o.Point, "till: ") && strings.HasPrefix(string(o.Kind), "crash") {
			deaths++
		}
	}
	report := s.Explore(t, narrower, false)
	require.Equal(t, 5, deaths)
	require.Equal(t, deaths, report.Faults)
	sim.RequireClean(t, report)
}

func TestAReleaseShowsALimitThatIsJudgedFirst(t *testing.T) {
	t.Parallel()
	sim.RequireClean(t, explore(t, toy.Variant(toy.LimitFirst), "retry", false))
	report := explore(t, toy.Variant(toy.LimitFirst), "rules narrower", false)
	require.NotEmpty(t, report.Damages, "every release was tried, and nothing broke")
}

func TestAReleaseShowsAStatementThatCountsColumns(t *testing.T) {
	t.Parallel()
	sim.RequireClean(t, explore(t, toy.Variant(toy.None), "a column more", false))
	sim.RequireClean(t, explore(t, toy.Variant(toy.ColumnsCounted), "retry", false))
	report := explore(t, toy.Variant(toy.ColumnsCounted), "a column more", false)
	requireBroken(t, report, lab.FinalAnswer)
}

// TestAReleaseShowsWhatAFieldMoreInTheRequestsBreaks has the shop's next release send the
// field, and the till's next release read it.
func TestAReleaseShowsWhatAFieldMoreInTheRequestsBreaks(t *testing.T) {
	t.Parallel()
	sim.RequireClean(t, explore(t, toy.Variant(toy.None), "a field more", false))
	for flaw, released := range map[toy.Flaw]string{
		toy.BodiesCompared: "shop", toy.FieldRequired: "till",
	} {
		sim.RequireClean(t, explore(t, toy.Variant(flaw), "retry", false))
		report := explore(t, toy.Variant(flaw), "a field more", false)
		require.NotEmpty(t, report.Damages, "every release was tried, and nothing broke")
		for _, d := range report.Damages {
			require.Contains(t, []string{lab.AllOrNothing, lab.Answered}, d.Invariant)
			require.Contains(t, d.Cause(), " @ "+released, d.Text)
		}
	}
}
