package main

import (
	"flag"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/sim"
)

func TestMain(m *testing.M) {
	recoverIfAsked()
	_ = flag.Set(
		"test.benchtime",
		"1x",
	) // a benchmark here is a load that is driven once; go test always defines it
	sim.Main(m, chapter())
}

func TestEveryFault(t *testing.T) {
	t.Parallel()
	c := chapter()
	if testing.Short() {
		c = c.Shallow()
	}
	var asked, reacting lab.Report
	t.Run("leaves", func(t *testing.T) {
		t.Run("the orchestrated saga whole", func(t *testing.T) {
			t.Parallel()
			asked = sim.EveryFault(t, c, orchestrated())
			sim.RequireWhole(t, chapter(), asked)
		})
		t.Run("the choreographed saga whole", func(t *testing.T) {
			t.Parallel()
			reacting = sim.EveryFault(t, c, choreographed())
			sim.RequireWhole(t, chapter(), reacting)
		})
	})
	sim.KeepScores(t, c, asked, reacting)
}

// TestAnEventThatIsKeptDoesNotKeepItsSenderFromServing is about an event that payment
// sends while its disk is full: the network delivers it when all is at rest.
func TestAnEventThatIsKeptDoesNotKeepItsSenderFromServing(t *testing.T) {
	t.Parallel()
	sim.RequireSurvives(t, chapter(), choreographed(), "slot full",
		fault.Fault{Kind: fault.DiskFull, Point: "payment: commit POST /taken order-1 #2"},
		fault.Fault{Kind: fault.AtRest, Point: "payment → delivery: POST /authorized order-1 #2"})
}

func TestTheSameFaultsGiveTheSameRun(t *testing.T) {
	t.Parallel()
	for _, v := range chapter().Variants {
		t.Run(v.Name, func(t *testing.T) { sim.SameAgain(t, chapter(), v, 50) })
	}
}

func TestRealProcessesAndTheSimulationAgreeOnEveryCrash(t *testing.T) {
	t.Parallel()
	for _, v := range chapter().Variants {
		for _, path := range []string{"success", "slot full"} {
			t.Run(v.Name+", "+path, func(t *testing.T) {
				if testing.Short() && (path != "success" || v.Name != orchestrated().Name) {
					t.Skip("-short kills only the orchestrated saga, on its way forward")
				}
				var kinds []fault.Kind
				if testing.Short() {
					kinds = []fault.Kind{fault.CrashBefore, fault.CrashAfter} // a commit
				}
				scenario, err := chapter().Scenario(path)
				require.NoError(t, err)
				crashes := sim.EveryCrash(t, chapter(), v, scenario, kinds...)
				require.NotZero(t, crashes)
				t.Logf(
					"%d crash points: the same points, ledgers and verdict in both worlds",
					crashes,
				)
			})
		}
	}
}

func TestEachClassicMistakeIsCaught(t *testing.T) {
	t.Parallel()
	sim.EveryMistake(t, chapter())
}
