package sim_test

import (
	"log/slog"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/sim"
	"example.com/dtx/lab/toy"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // thousands of runs fail on purpose
	os.Exit(m.Run())
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
	for _, s := range toy.Chapter().Scenarios {
		if len(s.Orders) > 1 {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			report := stage(t, toy.None).Explore(t, s, false)
			require.Empty(t, report.Wrong)
			t.Log(report)
			for _, d := range report.Damages {
				t.Errorf("%s: %s: %s", d.Cause(), d.Invariant, d.Text)
			}
		})
	}
}

func TestARightProtocolIsCleanUnderEveryPairOfFaults(t *testing.T) {
	t.Parallel()
	report := stage(t, toy.None).Explore(t, scenario(t, "success"), true)
	t.Log(report)
	for _, d := range report.Damages {
		t.Errorf("%s: %s: %s", d.Cause(), d.Invariant, d.Text)
	}
}

func TestEachFlawBreaksOneInvariant(t *testing.T) {
	breaks := map[toy.Flaw]string{
		toy.TwoTransactions: lab.Conserved,
		toy.NoDeduplication: lab.AllOrNothing,
		toy.TimeoutIsNo:     lab.Answered,
		toy.HoldForgotten:   lab.AtRest,
	}
	for flaw, invariant := range breaks {
		t.Run(string(flaw), func(t *testing.T) {
			t.Parallel()
			report := stage(t, flaw).Explore(t, scenario(t, "success"), false)
			t.Log(report)
			require.Empty(t, report.Wrong)
			require.NotEmpty(t, report.Damages, "every fault was tried, and nothing broke")
			for _, d := range report.Damages {
				require.Equal(t, invariant, d.Invariant, "%s: %s", d.Cause(), d.Text)
			}
		})
	}
}
