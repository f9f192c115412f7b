package sim_test

import (
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/sim"
	"example.com/dtx/lab/toy"
)

func TestEveryBoundaryThatARunUsesIsAPoint(t *testing.T) {
	t.Parallel()
	r := stage(t, toy.None).Run(t, scenario(t, "success"), nil)
	kinds := []event.Kind{event.Send, event.Receive, event.Commit}
	var used, passed []string
	for _, e := range r.Events {
		if !e.Data.Reply && slices.Contains(kinds, e.Kind) {
			used = append(used, e.Point)
		}
	}
	for _, p := range r.Passed {
		passed = append(passed, p.String())
	}
	require.Equal(t, []string{order, ordered, opening, charge, charged, taking, ending}, used)
	require.Equal(t, used, passed)
}

func TestAnExplorationTriesEachFaultThatIsOfferedOnce(t *testing.T) {
	t.Parallel()
	success, s := scenario(t, "success"), sim.NewStage(t, toy.Chapter(), toy.Alone())
	plain := s.Run(t, success, nil)
	faults, pairs := map[fault.Fault]bool{}, 0
	for _, first := range plain.Offers {
		require.NotContains(t, faults, first.Fault, "offered twice")
		faults[first.Fault] = true
		for _, second := range s.Run(t, success, nil, first.Fault).Offers {
			if second.Seq > first.Seq {
				pairs++
			}
		}
	}
	single, double := s.Explore(t, success, false), s.Explore(t, success, true)
	require.Equal(t, len(plain.Passed), single.Points)
	require.Equal(t, len(faults), single.Faults)
	require.Equal(t, len(faults)+pairs, double.Faults)
	s.OnePairOf(7)
	some := s.Explore(t, success, true)
	require.Equal(t, len(faults)+(pairs+6)/7, some.Faults)
	require.Equal(t, pairs-(pairs+6)/7, some.Left)
}

func TestEveryFaultSumsUpTheScenarios(t *testing.T) {
	c := toy.Chapter()
	total := sim.EveryFault(t, c, toy.Alone())
	var points, faults, schedules int
	for _, s := range c.Scenarios {
		if !s.Suits(toy.Alone()) {
			continue
		}
		stage := sim.NewStage(t, c, toy.Alone())
		if s.AtOnce() {
			r := stage.Interleave(t, s)
			points, schedules = points+r.Points, schedules+r.Schedules
			continue
		}
		if sim.RaceDetector && testing.Short() {
			stage.OneOf(4)
		}
		r := stage.Explore(t, s, os.Getenv(lab.PairsVariable) != "")
		points, faults = points+r.Points, faults+r.Faults
	}
	require.NotZero(t, schedules)
	require.Equal(t, []int{points, faults, schedules, 0},
		[]int{total.Points, total.Faults, total.Schedules, total.Broken})
}

func TestAScenarioWhoseReportIsKeptIsNotPlayedAgain(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(lab.KeepVariable, dir)
	c := toy.Chapter()
	c.Scenarios = c.Scenarios[:2]
	played := sim.EveryFault(t, c, toy.Alone())
	require.Equal(t, played, sim.EveryFault(t, c, toy.Alone()))
	kept := filepath.Join(dir, toy.Alone().Name+" "+c.Scenarios[0].Name+".json")
	require.NoError(t, os.WriteFile(kept, []byte(`{"Faults": 7777}`), 0o600))
	require.Greater(t, sim.EveryFault(t, c, toy.Alone()).Faults, 7777)
}

func TestNoScenarioBeforeTheFirstThatIsAskedForIsExplored(t *testing.T) {
	if os.Getenv(lab.FromVariable) != "" {
		sim.EveryFault(t, toy.Chapter(), toy.Alone())
		return
	}
	t.Parallel()
	exe, err := os.Executable()
	require.NoError(t, err)
	child := exec.Command(exe, "-test.run=^"+t.Name()+"$", "-test.v")
	child.Env = append(os.Environ(), lab.FromVariable+"=in turn")
	said, err := child.CombinedOutput()
	require.NoError(t, err, "%s", said)
	require.Regexp(t, `scenario=success points=\d+ broken=0`, string(said))
	require.Regexp(t, `scenario=in-turn points=\d+ faults=\d+ broken=0`, string(said))
	require.Contains(t, failedChild(t, lab.FromVariable), `this test plays no scenario "1"`)
}

func TestOfEachKindOneOfSoManyFaultsIsExplored(t *testing.T) {
	t.Parallel()
	success := scenario(t, "success")
	whole := stage(t, toy.None).Explore(t, success, false)
	some := stage(t, toy.None)
	some.OneOf(3)
	share := some.Explore(t, success, false)
	for kind, count := range whole.Kinds {
		if kind != lab.SeveralFaults { // a lost fsync, and a power cut
			require.Equal(t, (count.Tried+2)/3, share.Kinds[kind].Tried, kind)
		}
	}
}

func TestAnExplorationEndsWithTheProcessThatStartedIt(t *testing.T) {
	t.Parallel()
	exe, err := os.Executable()
	require.NoError(t, err)
	child := exec.Command(exe, "-test.run=^TestEveryFaultSumsUpTheScenarios$")
	child.Env = append(os.Environ(), sim.ApartVariable+"=1", lab.PairsVariable+"=1")
	said, err := child.CombinedOutput() // its input is at its end at once: no user is there
	require.Error(t, err, "it went on to its end: %s", said)
	require.NotContains(t, string(said), "FAIL")
}

func TestAnExplorationStopsWhereTheRunWithoutAFaultIsWrong(t *testing.T) {
	t.Parallel()
	s := scenario(t, "success")
	s.Want = []int{http.StatusConflict}
	report := stage(t, toy.None).Explore(t, s, false)
	require.Equal(t, "answers [201], want [409]", report.Wrong)
	require.Zero(t, report.Faults)
}

func TestAnExplorationMayEndWhenItHasSeenDamage(t *testing.T) {
	t.Parallel()
	s := scenario(t, "success")
	whole := stage(t, toy.TimeoutIsNo).Explore(t, s, false)
	few := stage(t, toy.TimeoutIsNo).Until(lab.AnyInvariant).Explore(t, s, false)
	require.NotEmpty(t, few.Damages)
	require.Less(t, few.Faults, whole.Faults)
}

// fickle names the child that TestAFaultThatNeverComesFailsTheExploration starts.
const fickle = "LAB_FICKLE"

func TestAFaultThatNeverComesFailsTheExploration(t *testing.T) {
	if os.Getenv(fickle) != "" {
		exploreFickle(t)
		return
	}
	t.Parallel()
	require.Contains(t, failedChild(t, fickle), "never came")
}

// failedChild runs the test in a process of its own, with one variable more in its
// environment, and returns what it says. It must fail.
func failedChild(t *testing.T, variable string) (said string) {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	child := exec.Command(exe, "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), variable+"=1")
	text, err := child.CombinedOutput()
	require.Error(t, err, "it passes: %s", text)
	return string(text)
}

// exploreFickle explores a service that calls another one only in the two runs without
// a fault: no later run comes to the points of that call.
func exploreFickle(t *testing.T) {
	lives := 0
	v := toy.Variant(toy.None)
	shop := v.Services[0].New
	v.Services[0].New = func(db *sqlite.DB, client *http.Client) http.Handler {
		if lives++; lives > 2 {
			return http.NotFoundHandler()
		}
		return shop(db, client)
	}
	s := scenario(t, "success")
	sim.NewStage(t, toy.Chapter(), v).Explore(t, s, false)
}

func TestAPartOfTheFaultsIsNoScore(t *testing.T) {
	asked := []string{
		lab.ExploreVariable, lab.PairsVariable, lab.RacesVariable, lab.VariantVariable,
		lab.FromVariable,
	}
	for _, name := range asked {
		t.Setenv(name, "")
	}
	require.Equal(t, testing.Short(), sim.OnlyFaults())
	for _, name := range asked {
		t.Setenv(name, "1")
		require.True(t, sim.OnlyFaults(), name)
		t.Setenv(name, "")
	}
}

// TestTheHeapOfAnExplorationIsLimited: it grew to seven gigabytes in the pairs of one scenario.
func TestTheHeapOfAnExplorationIsLimited(t *testing.T) {
	require.Less(t, debug.SetMemoryLimit(-1), int64(math.MaxInt64))
}
