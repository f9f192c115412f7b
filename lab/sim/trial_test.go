package sim_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/toy"
)

// tried plays a trial of the toy with a flaw.
func tried(t *testing.T, flaw toy.Flaw, scenario string, plan ...string) lab.Trial {
	t.Helper()
	trial := lab.Trial{Scenario: scenario, Keys: "s7"}
	for _, p := range plan {
		f, err := fault.Parse(p)
		require.NoError(t, err)
		trial.Plan = append(trial.Plan, f)
	}
	return stage(t, flaw).Try(t, trial)
}

func TestATrialPlaysOneRunWithItsOwnKeys(t *testing.T) {
	t.Parallel()
	plain := tried(t, toy.NoDeduplication, "")
	require.Equal(t, "success", plain.Scenario, "the first one")
	require.Empty(t, plain.Findings, "it looks right")
	require.Contains(t, fmt.Sprint(plain.Offers), "POST /charge s7-1 #1")
	require.NotContains(t, fmt.Sprint(plain.Offers), "order-1")

	const twice = "delivered twice @ shop -> till: POST /charge s7-1 #1"
	require.Empty(t, tried(t, toy.None, "success", twice).Findings, "the right code survives")
	broken := tried(t, toy.NoDeduplication, "success", twice)
	require.Empty(t, broken.Unfired)
	require.NotEmpty(t, broken.Findings)

	another := "delivered twice @ shop -> till: POST /charge order-1 #1"
	neighbours := tried(t, toy.NoDeduplication, "success", another)
	require.Len(t, neighbours.Unfired, 1, "the plan names the order of another seed")
	require.Empty(t, neighbours.Findings)
}

func TestATrialOfAnotherScenarioPlaysNone(t *testing.T) {
	t.Parallel()
	trial := tried(t, toy.None, "a fine day")
	require.Empty(t, trial.Events)
	require.Contains(t, trial.Scenarios, "success")
}

func TestATrialIsNotBrokenByWhatBreaksWithoutAPlan(t *testing.T) {
	t.Parallel()
	s := stage(t, toy.RefusalForgotten)
	asked := s.Run(t, scenario(t, "money comes in"), nil)
	require.NotEmpty(t, asked.Findings, "a client that asks again shows it without a fault")
	trial := tried(t, toy.RefusalForgotten, "money comes in")
	require.Empty(t, trial.Findings, "the run that the student sees looks right")
}
