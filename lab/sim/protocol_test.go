package sim_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/sim"
	"example.com/dtx/lab/toy"
)

func TestMain(m *testing.M) {
	sim.Main(m, toy.Chapter())
}

// stage returns a version of the toy, ready to be run.
func stage(t *testing.T, flaw toy.Flaw) *sim.Stage {
	t.Helper()
	return sim.NewStage(t, toy.Chapter(), toy.Variant(flaw))
}

// scenario returns one of the toy's situations.
func scenario(t *testing.T, name string) lab.Scenario {
	t.Helper()
	s, err := toy.Chapter().Scenario(name)
	require.NoError(t, err)
	return s
}

func TestARightProtocolIsCleanUnderEveryFault(t *testing.T) {
	t.Parallel()
	sim.RequireClean(t, explore(t, toy.Variant(toy.None), "retry", false))
	sim.RequireClean(t, explore(t, toy.Variant(toy.None), "refused", false))
}

func TestOneTransactionIsCleanUnderEveryPairOfFaults(t *testing.T) {
	t.Parallel()
	sim.RequireClean(t, explore(t, toy.Alone(), "success", true))
}

func TestARightProtocolIsCleanUnderEveryPairOfFaults(t *testing.T) {
	if os.Getenv(lab.PairsVariable) == "" {
		t.Skipf("2800 runs take 20 seconds: set %s=1 to try them", lab.PairsVariable)
	}
	t.Parallel()
	sim.RequireClean(t, explore(t, toy.Variant(toy.None), "success", true))
}

func TestEachFlawBreaksOneInvariant(t *testing.T) {
	breaks := map[toy.Flaw]string{
		toy.TwoTransactions: lab.Conserved,
		toy.NoDeduplication: lab.AllOrNothing,
		toy.TimeoutIsNo:     lab.Answered,
		toy.HoldForgotten:   lab.AtRest,
		toy.ParkedUnseen:    lab.AtRest,
		toy.ErrorForEver:    lab.FinalAnswer,
	}
	for flaw, invariant := range breaks {
		t.Run(string(flaw), func(t *testing.T) {
			t.Parallel()
			requireBroken(t, explore(t, toy.Variant(flaw), "success", false), invariant)
		})
	}
}

// TestOnlyAZombieFindsAStaleCache tries a till that trusts its memory.
func TestOnlyAZombieFindsAStaleCache(t *testing.T) {
	t.Parallel()
	report := explore(t, toy.Variant(toy.BalanceCached), "in turn", false)
	requireBroken(t, report, lab.Conserved)
	for _, d := range report.Damages {
		for _, cause := range d.Causes {
			require.Regexp(t, "^zombie", cause)
		}
	}
	sim.RequireClean(t, explore(t, toy.Variant(toy.None), "in turn", false))
}

// explore tries every fault, or every pair, on a variant in one situation.
func explore(t *testing.T, v lab.Variant, situation string, pairs bool) lab.Report {
	t.Helper()
	report := sim.NewStage(t, toy.Chapter(), v).Explore(t, scenario(t, situation), pairs)
	require.Empty(t, report.Wrong, "nothing was done to it")
	t.Log(report)
	return report
}

// requireBroken requires damage, and all of it to one invariant.
func requireBroken(t *testing.T, report lab.Report, invariant string) {
	t.Helper()
	require.NotEmpty(t, report.Damages, "every fault was tried, and nothing broke")
	for _, d := range report.Damages {
		require.Equal(t, invariant, d.Invariant, "%s: %s", d.Cause(), d.Text)
	}
}
