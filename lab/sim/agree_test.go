package sim_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/real"
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
		real := real.Outcome{Told: row.real, Unfired: row.unfired}
		require.Equal(t, row.late, sim.Late(sim.Run{Told: row.simulated}, real), row.name)
	}
}

func TestARealRunTakesAnotherCourseOnlyIfClientsAreToldSomethingElse(t *testing.T) {
	t.Parallel()
	ledger := func(units int64) lab.Ledger {
		return lab.Ledger{Balances: []lab.Balance{{Kind: "stock", Account: "tea", Amount: units}}}
	}
	confirmed := []lab.Answer{{Status: 201}}
	simulated := sim.Run{Told: []lab.Answer{{Status: 0}}, After: ledger(10)}
	for _, row := range []struct {
		name  string
		real  real.Outcome
		other bool
	}{
		{"the same", real.Outcome{Told: simulated.Told, After: ledger(10)}, false},
		{"the order comes after the restart",
			real.Outcome{Told: confirmed, After: ledger(8)}, true},
		{"two units are gone", real.Outcome{Told: simulated.Told, After: ledger(8)}, false},
	} {
		require.Equal(t, row.other, sim.Other(simulated, row.real), row.name)
	}
}
