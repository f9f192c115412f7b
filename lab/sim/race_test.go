package sim_test

import (
	"context"
	"net/http"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
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

// TestAProcessFallsAsleepOutsideItsTransactions has a process fall asleep while another
// order's transaction is open: it stands where one more update could share its commit.
func TestAProcessFallsAsleepOutsideItsTransactions(t *testing.T) {
	t.Setenv(lab.RacesVariable, "1")
	s, last := stage(t, toy.None), scenario(t, "the last euro").InDepth()
	asleep := fault.Fault{
		Kind: fault.ZombieAsleepOnReply, Point: "shop → till: POST /charge order-10 #1",
	}
	for _, schedule := range [][]int{{0, 0, 0, 0, 0, 0, 1}, {1, 1, 0, 0, 1, 1}} {
		first := s.Run(t, last, schedule, asleep)
		require.Empty(t, first.Unfired)
		require.Empty(t, first.Findings)
		for range 20 {
			require.Equal(t, first.Events, s.Run(t, last, schedule, asleep).Events)
		}
	}
}

// circling names the child that TestARunThatGoesInCirclesSaysWhere starts.
const circling = "LAB_CIRCLING"

func TestARunThatGoesInCirclesSaysWhere(t *testing.T) {
	if os.Getenv(circling) != "" {
		v := alone(nil)
		v.Services[0].New = func(_ *sqlite.DB, client *http.Client) http.Handler {
			return circle{http.NotFoundHandler(), client}
		}
		sim.NewStage(t, toy.Chapter(), v).Run(t, scenario(t, "success"), nil)
		return
	}
	t.Parallel()
	said := failedChild(t, circling)
	require.Contains(t, said, "no rest after 20000 stops in 0s of the run's time")
	require.Contains(t, said, "shop → till: GET /: failed")
}

// circle is a service that asks again and again without a pause.
type circle struct {
	http.Handler
	client *http.Client
}

func (c circle) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://till/", nil)
		if err != nil {
			return err
		}
		if answer, err := c.client.Do(r); err == nil {
			_ = answer.Body.Close()
		}
	}
	return nil
}
