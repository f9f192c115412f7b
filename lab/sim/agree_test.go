package sim_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/sim"
)

func TestARealRunIsLateIfATimeoutStruckItAndNotTheSimulatedOne(t *testing.T) {
	t.Parallel()
	told := func(statuses ...int) (list []lab.Answer) {
		for _, s := range statuses {
			list = append(list, lab.Answer{Status: s})
		}
		return list
	}
	for _, row := range []struct {
		name      string
		simulated []lab.Answer
		real      []lab.Answer
		unfired   []fault.Fault
		late      bool
	}{
		{name: "the same", simulated: told(0, 201), real: told(0, 201)},
		{name: "answered at another attempt", simulated: told(0, 201), real: told(201)},
		{name: "refused, which no timeout does", simulated: told(201), real: told(422)},
		{name: "given up in both worlds", simulated: told(503), real: told(503)},
		{name: "given up in real processes only", simulated: told(201), real: told(503), late: true},
		{name: "the fault did not come", simulated: told(201), real: told(201),
			unfired: []fault.Fault{{Kind: fault.Lost, Point: charge}}, late: true},
	} {
		late := sim.Late(sim.Run{Told: row.simulated}, lab.Outcome{Told: row.real, Unfired: row.unfired})
		require.Equal(t, row.late, late, row.name)
	}
}
