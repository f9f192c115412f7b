package lab_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
)

func TestWhatAVariantLacksForAScenarioIsNamed(t *testing.T) {
	v := lab.Variant{
		Services: []lab.Service{{Name: "till"}, {Name: "foreign", Command: []string{"python3"}}},
		Spares:   []lab.Service{{Name: "till", Version: "narrower"}},
	}
	twins := lab.SameKey(lab.Order{Key: "order-1"}, lab.Order{Customer: "bob"})
	change := func(service string) lab.Scenario {
		return lab.Scenario{Change: lab.Change{Service: service, SQL: "UPDATE accounts"}}
	}
	for _, row := range []struct {
		scenario lab.Scenario
		lacks    string
	}{
		{lab.Scenario{Release: "narrower", Version: "narrower"}, ""},
		{change("till"), ""},
		{lab.Scenario{Release: "wider"}, `no spare of version "wider"`},
		{lab.Scenario{Version: "wider"}, `no spare of version "wider"`},
		{change("foreign"), `no database of service "foreign"`},
		{twins, "no promise that it is Idempotent"},
	} {
		require.Equal(t, row.lacks, row.scenario.Lacks(v))
		require.Equal(t, row.lacks == "", row.scenario.Suits(v))
	}
	v.Idempotent = true
	require.True(t, twins.Suits(v))
}
