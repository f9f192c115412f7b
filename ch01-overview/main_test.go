package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/sim"
)

func TestMain(m *testing.M) {
	lab.Child(chapter())
	os.Exit(m.Run())
}

func TestEveryFaultLeavesTheMonolithWhole(t *testing.T) {
	score := sim.EveryFault(t, chapter(), inOneProcess())
	require.Zero(t, score.Broken, "%v", score.Damages)
}

func TestEveryFaultIsTooManyForServicesWithoutAProtocol(t *testing.T) {
	score := sim.EveryFault(t, chapter(), inServices())
	for _, d := range score.Damages {
		t.Log(d.Runs, d.Damage, d.Cause(), d.Text)
	}
	require.NotZero(t, score.Broken)
}

func TestRealProcessesAndTheSimulationAgree(t *testing.T) {
	for _, v := range chapter().Variants {
		t.Log(sim.EveryCrash(t, chapter(), v, chapter().Scenarios[0]))
	}
}
func TestMistakes(t *testing.T) { sim.EveryMistake(t, chapter()) }
