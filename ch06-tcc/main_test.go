package main

import (
	"testing"

	"example.com/dtx/lab/sim"
)

func TestMain(m *testing.M) { sim.Main(m, chapter()) }

func TestEveryFault(t *testing.T) {
	t.Parallel()
	c := chapter()
	if testing.Short() {
		c = c.Shallow()
	}
	found := sim.EveryFault(t, c, reserving())
	sim.RequireWhole(t, c, found)
}

func TestEachClassicMistakeIsCaught(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves the mistakes out: each is built anew")
	}
	t.Parallel()
	sim.EveryMistake(t, chapter())
}
