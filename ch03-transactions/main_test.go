package main

import (
	"testing"

	"example.com/dtx/lab/sim"
)

func TestMain(m *testing.M) { sim.Main(m, chapter()) }

func TestEveryFault(t *testing.T) {
	for _, v := range chapter().Variants {
		r := sim.EveryFault(t, chapter(), v)
		for _, d := range r.Damages {
			t.Log(d.Runs, d.Damage, d.Invariant, d.Cause(), d.Text)
		}
	}
}
