package main

import (
	"testing"

	"example.com/dtx/lab/sim"
)

func TestMain(m *testing.M) { sim.Main(m, chapter()) }

func TestEveryFault(t *testing.T) {
	t.Parallel()
	sim.RequireWhole(t, chapter(), sim.EveryFault(t, chapter(), inRows()))
}
