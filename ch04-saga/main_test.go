package main

import (
	"flag"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/sim"
)

func TestMain(m *testing.M) {
	recoverIfAsked()
	_ = flag.Set("test.benchtime", "1x") // a benchmark here is a load that is driven once; go test always defines it
	sim.Main(m, chapter())
}

func TestEveryFault(t *testing.T) {
	t.Parallel()
	for _, v := range chapter().Variants {
		t.Run("leaves the shop whole when it is "+v.Name, func(t *testing.T) {
			sim.RequireWhole(t, chapter(), sim.EveryFault(t, chapter(), v))
		})
	}
}

func TestRealProcessesAndTheSimulationAgreeOnEveryCrash(t *testing.T) {
	t.Parallel()
	for _, v := range chapter().Variants {
		for _, path := range []string{"success", "slot full"} {
			t.Run(v.Name+", "+path, func(t *testing.T) {
				scenario, err := chapter().Scenario(path)
				require.NoError(t, err)
				crashes := sim.EveryCrash(t, chapter(), v, scenario)
				require.NotZero(t, crashes)
				t.Logf("%d crash points: the same points, ledgers and verdict in both worlds", crashes)
			})
		}
	}
}

func TestEachClassicMistakeIsCaught(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves the mistakes out: each is built anew")
	}
	t.Parallel()
	sim.EveryMistake(t, chapter())
}
