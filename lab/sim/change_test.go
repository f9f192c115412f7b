package sim_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/sim"
	"example.com/dtx/lab/toy"
)

func TestTheWorldChangesBetweenAnAnswerAndItsRepetition(t *testing.T) {
	t.Parallel()
	lost := fault.Fault{Kind: fault.ReplyLost, Point: order}
	r := stage(t, toy.None).Run(t, scenario(t, "money comes in"), nil, lost)
	require.Empty(t, r.Findings)
	statuses := []int{r.Told[0].Status, r.Told[1].Status}
	require.Equal(t, []int{0, 409}, statuses, "the first answer holds")
	require.Contains(t, r.After.Balances, lab.Balance{Kind: "payment", Account: "eve", Amount: 900})
	sim.RequireClean(t, explore(t, toy.Variant(toy.None), "money comes in", false))
}

func TestAChangedWorldShowsARefusalThatWasForgotten(t *testing.T) {
	t.Parallel()
	sim.RequireClean(t, explore(t, toy.Variant(toy.RefusalForgotten), "refused", false))
	r := stage(t, toy.RefusalForgotten).Run(t, scenario(t, "money comes in"), nil)
	require.NotEmpty(t, r.Findings, "the client was told no, and asked again when there was money")
	for _, f := range r.Findings {
		require.Equal(t, lab.Answered, f.Invariant)
	}
}

func TestARequestAtRestShowsARefusalThatIsUnnoted(t *testing.T) {
	t.Parallel()
	sim.RequireClean(t, explore(t, toy.Variant(toy.RefusalUnnoted), "refused", false))
	report := explore(t, toy.Variant(toy.RefusalUnnoted), "money comes in", false)
	require.NotEmpty(t, report.Damages, "every fault was tried, and nothing broke")
	for _, d := range report.Damages {
		require.Equal(t, []string{"delivered at rest @ " + charge}, d.Causes, "%s", d.Text)
	}
}

func TestRoomForOneShowsAPlaceThatIsKept(t *testing.T) {
	t.Parallel()
	sim.RequireClean(t, explore(t, toy.Variant(toy.None), "one after the other", false))
	sim.RequireClean(t, explore(t, toy.Variant(toy.PlaceKept), "success", false))
	report := explore(t, toy.Variant(toy.PlaceKept), "one after the other", false)
	requireBroken(t, report, lab.FinalAnswer)
}

func TestTheSameChangeGivesTheSameEvents100TimesOf100(t *testing.T) {
	points := map[string]string{
		"rules narrower": taking, "money comes in": taking, "one after the other": order,
	}
	for name, point := range points {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, lost := stage(t, toy.PlaceKept), fault.Fault{Kind: fault.CrashAfter, Point: point}
			if point == order {
				lost.Kind = fault.Lost
			}
			first := s.Run(t, scenario(t, name), nil, lost)
			require.Empty(t, first.Unfired)
			coherent(t, first)
			for n := 2; n <= 100; n++ {
				next := s.Run(t, scenario(t, name), nil, lost)
				require.Equal(t, first.Events, next.Events, "run %d of 100", n)
				require.Equal(t, first.After, next.After, "run %d of 100", n)
			}
		})
	}
}
