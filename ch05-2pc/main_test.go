package main

import (
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/sim"
)

func TestMain(m *testing.M) {
	sim.Main(m, chapter())
}

func TestEveryFault(t *testing.T) {
	t.Parallel()
	c := chapter()
	until := os.Getenv(lab.UntilVariable)
	if until != "" && until != lab.AnyInvariant || testing.Short() {
		c.Scenarios = slices.DeleteFunc(c.Scenarios, func(s lab.Scenario) bool {
			return len(s.Orders) > 1 && s.Name != shortest
		})
	}
	if testing.Short() {
		c = c.Shallow()
	}
	found := sim.EveryFault(t, c, inRows())
	sim.RequireWhole(t, c, found)
	sim.KeepScores(t, c, found)
}

func TestTheSameFaultsGiveTheSameRun(t *testing.T) {
	t.Parallel()
	for _, v := range []lab.Variant{inRows()} {
		t.Run(v.Name, func(t *testing.T) { sim.SameAgain(t, chapter(), v, 50) })
	}
}

// shortest is the scenario of two orders with the fewest interleavings. A
// mistake that only two orders show, it shows.
const shortest = "the last place"

func TestRealProcessesAndTheSimulationAgreeOnEveryCrash(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"retry", "out of stock"} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name != "retry" {
				t.Skip("-short leaves the abort out")
			}
			s, err := chapter().Scenario(name)
			require.NoError(t, err)
			crashes := sim.EveryCrash(t, chapter(), inRows(), s)
			require.NotZero(t, crashes)
			t.Logf("%d crash points: the same ledgers and verdict in both worlds", crashes)
		})
	}
}

// TestInRealProcessesTheOldCoordinatorIsLateToo plays the lesson's zombie: its successor has
// counted its start before the old one goes on, as in the simulation.
func TestInRealProcessesTheOldCoordinatorIsLateToo(t *testing.T) {
	t.Parallel()
	zombie, err := fault.Parse("zombie @ order -> delivery: POST /prepare order-1.1.1 #1")
	require.NoError(t, err)
	for range 4 {
		played, err := real.Play(t.Context(), chapter(), inRows(), chapter().Scenarios[0], zombie)
		require.NoError(t, err)
		require.Equal(t, []int{503}, statuses(played.Told))
		require.Empty(t, played.Findings)
	}
}

// TestASuccessorEndsWhatItsZombieHasPrepared is about a zombie that has prepared a branch,
// and dies before it can abort it.
func TestASuccessorEndsWhatItsZombieHasPrepared(t *testing.T) {
	t.Parallel()
	sim.RequireSurvives(t, chapter(), inRows(), "out of stock",
		fault.Fault{Kind: fault.ZombieAsked, Point: "delivery: POST /prepare order-1.1.1 #1"},
		fault.Fault{Kind: fault.Crash, Point: "delivery (old): POST /abort order-1.1.1 #1"})
}

func TestEachClassicMistakeIsCaught(t *testing.T) {
	t.Parallel()
	sim.EveryMistake(t, chapter())
}
