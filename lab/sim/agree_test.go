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
		{name: "answered at a later try", simulated: told(0, 201), real: told(201)},
		{name: "refused, which no timeout does", simulated: told(201), real: told(422)},
		{name: "given up in both worlds", simulated: told(503), real: told(503)},
		{name: "given up in real ones only", simulated: told(201), real: told(503), late: true},
		{name: "the fault did not come", unfired: []fault.Fault{{Kind: fault.Lost}}, late: true},
	} {
		real := lab.Outcome{Told: row.real, Unfired: row.unfired}
		require.Equal(t, row.late, sim.Late(sim.Run{Told: row.simulated}, real), row.name)
	}
}
