package main

import (
	"testing"

	"example.com/dtx/lab/sim"
)

func TestMain(m *testing.M) { sim.Main(m, chapter()) }

func TestEveryFault(t *testing.T) {
	t.Parallel()
	for _, v := range chapter().Variants {
		t.Run("leaves the shop whole when it is "+v.Name, func(t *testing.T) {
			sim.RequireWhole(t, chapter(), sim.EveryFault(t, chapter(), v))
		})
	}
}
