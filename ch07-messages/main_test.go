package main

import (
	"testing"

	"github.com/nats-io/nats-server/v2/server/ats"

	"example.com/dtx/lab/sim"
)

func TestMain(m *testing.M) {
	ats.Register() // the server's clock would belong to the first run that needs it
	sim.Main(m, chapter())
}

func TestEveryFault(t *testing.T) {
	t.Parallel()
	sim.RequireWhole(t, chapter(), sim.EveryFault(t, chapter(), brokered()))
}

func TestTheSameFaultsGiveTheSameRun(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves it out: each run is played several times")
	}
	t.Parallel()
	sim.SameAgain(t, chapter(), brokered())
}

func TestOnce(t *testing.T) {
	s, _ := chapter().Scenario("success")
	for range 5 {
		r := sim.NewStage(t, chapter(), brokered()).Run(t, s, nil)
		for _, e := range r.Events {
			t.Log(e)
		}
		t.Log(r.Told, r.Findings, len(r.Events), len(r.Offers))
	}
}
