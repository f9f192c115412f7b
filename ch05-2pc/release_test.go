package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/shop"
	"example.com/dtx/lab/sim"
)

// TestTheNextReleaseMayHaveAColumnMoreInEachTable plays the order for tea, with a client that
// asks again, once for each death of a service, which comes back with another schema.
func TestTheNextReleaseMayHaveAColumnMoreInEachTable(t *testing.T) {
	t.Parallel()
	const next = "the next release"
	v, order := inRows(), shop.Retry()
	v.Spares = nil
	for i, s := range v.Services {
		tables := []string{"accounts", "branches"}
		if i == 0 {
			tables = []string{"orders", "decisions", "epochs"}
		}
		for _, table := range tables {
			s.Upgrade = append(s.Upgrade, "ALTER TABLE "+table+
				" ADD COLUMN note TEXT NOT NULL DEFAULT ''")
		}
		s.Version = next
		v.Spares = append(v.Spares, s)
	}
	order.Release = next
	report := sim.NewStage(t, chapter(), v).Explore(t, order, false)
	require.NotZero(t, report.Faults)
	sim.RequireClean(t, report)
}
