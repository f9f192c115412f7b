package sim

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
)

// Play plays a scenario of a chapter once, under the faults of those names. It fails the
// test if one of them never comes.
func Play(t *testing.T, c lab.Chapter, v lab.Variant, scenario string, faults ...string) Run {
	t.Helper()
	s, err := c.Scenario(scenario)
	require.NoError(t, err)
	var plan []fault.Fault
	for _, name := range faults {
		f, err := fault.Parse(name)
		require.NoError(t, err)
		plan = append(plan, f)
	}
	run := NewStage(t, c, v).Run(t, s, nil, plan...)
	require.Empty(t, run.Unfired, "the fault never came")
	return run
}
