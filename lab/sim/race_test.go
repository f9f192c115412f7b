package sim_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/sim"
	"example.com/dtx/lab/toy"
)

// raced is a flaw that only a race shows, and only if the laboratory looks there.
type raced struct {
	flawed, right lab.Variant
	race          lab.Scenario
	kind          string // under which its broken runs are counted
	damage        string
	reads         bool // only reads that wait for their turn show it
}

func TestAFlawThatOnlyARaceShowsIsFoundInIt(t *testing.T) {
	const unexpected = "unexpected answers"
	two := scenario(t, "two at once").InDepth()
	right, alone := toy.Variant(toy.None), toy.Alone()
	for _, row := range []raced{
		{toy.Variant(toy.PrefixIsIt), right, two, lab.OneInARace, "order without payment", false},
		{toy.Lone(toy.SeesAHalf), alone, two, lab.Interleaving, unexpected, true},
		{toy.Lone(toy.ReadsApart), alone, two, lab.GroupedCommit, "payment does not add up", false},
		{toy.Lone(toy.ChecksBefore), alone, toy.SameKey(), lab.Interleaving, unexpected, false},
	} {
		t.Run(row.flawed.Name, func(t *testing.T) {
			t.Parallel()
			for _, name := range []string{"success", "retry", "refused"} {
				sim.RequireClean(t, explore(t, row.flawed, name, false))
			}
			stage := sim.NewStage(t, toy.Chapter(), row.flawed)
			if row.reads {
				stage.ReadInTurn()
			}
			found := stage.Interleave(t, row.race)
			require.NotZero(t, found.Kinds[row.kind].Broken, "%v", found.Kinds)
			require.Contains(t, damages(found), row.damage)
			sim.RequireClean(t, sim.NewStage(t, toy.Chapter(), row.right).Interleave(t, row.race))
		})
	}
}

func damages(r lab.Report) (list []string) {
	for _, d := range r.Damages {
		list = append(list, d.Damage)
	}
	return list
}

func TestWithoutWhatShowsItARaceIsClean(t *testing.T) {
	t.Parallel()
	two := scenario(t, "two at once")
	prefixed := sim.NewStage(t, toy.Chapter(), toy.Variant(toy.PrefixIsIt))
	sim.RequireClean(t, prefixed.Interleave(t, two))
	sim.RequireClean(t, sim.NewStage(t, toy.Chapter(), toy.Lone(toy.ReadsApart)).Interleave(t, two))
	sim.RequireClean(t, sim.NewStage(t, toy.Chapter(), toy.Lone(toy.SeesAHalf)).Interleave(t, two))
}

func TestWhatIsLeftToTheLongTierIsCounted(t *testing.T) {
	s, two := sim.NewStage(t, toy.Chapter(), toy.Alone()), scenario(t, "two at once").InDepth()
	few := s.Interleave(t, two)
	require.NotZero(t, few.Left)
	t.Setenv(lab.RacesVariable, "1")
	all := s.Interleave(t, two)
	sim.RequireClean(t, all)
	require.Zero(t, all.Left)
	require.GreaterOrEqual(t, all.Faults, few.Faults+few.Left)
}
