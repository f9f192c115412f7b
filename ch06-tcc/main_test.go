package main

import (
	"flag"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/shop"
	"example.com/dtx/lab/sim"
)

func TestMain(m *testing.M) {
	_ = flag.Set("test.benchtime", "1x") // a benchmark drives its load once
	sim.Main(m, chapter())
}

func TestEveryFault(t *testing.T) {
	t.Parallel()
	c := sim.OnlyIfShort(t, chapter(), "slot full")
	var tcc, at lab.Report
	t.Run("leaves", func(t *testing.T) {
		t.Run("TCC whole", func(t *testing.T) {
			t.Parallel()
			tcc = sim.EveryFault(t, c, reserving())
			sim.RequireWhole(t, c, tcc)
		})
		t.Run("AT whole but where a plain writer takes part", func(t *testing.T) {
			if testing.Short() {
				t.Skip("-short leaves AT out")
			}
			t.Parallel()
			few := c
			few.Scenarios = slices.DeleteFunc(slices.Clone(c.Scenarios), isLikeTCC)
			at = sim.EveryFault(t, few, undoing())
			sim.RequireWhole(t, few, at) // the known two among them
			for _, d := range at.Damages {
				require.Equal(t, "tea comes in", d.Scenario, "AT is broken without a plain writer")
			}
		})
	})
	sim.KeepScores(t, c, at, tcc)
}

// isLikeTCC picks the scenarios in which AT has nothing of its own to show: both have
// the initiator, and refuse alike.
func isLikeTCC(s lab.Scenario) bool {
	own := []string{"retry", "slot full", "the last unit", "tea comes in"}
	return !slices.Contains(own, s.Name)
}

func TestTheSameFaultsGiveTheSameRun(t *testing.T) {
	t.Parallel()
	sim.SameAgain(t, chapter(), reserving(), 50)
}

func TestRealProcessesAndTheSimulationAgreeOnEveryCrash(t *testing.T) {
	t.Parallel()
	for name, kinds := range map[string][]fault.Kind{
		"success": nil, "slot full": {fault.CrashAfter},
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name == "success" {
				t.Skip("-short kills only after commits, and only where delivery refuses")
			}
			s, err := chapter().Scenario(name)
			require.NoError(t, err)
			crashes := sim.EveryCrash(t, chapter(), reserving(), s, kinds...)
			require.NotZero(t, crashes)
			t.Logf("%d crash points: the same ledgers and verdict in both worlds", crashes)
		})
	}
}

func TestManyOrdersOutlastAnAbsenceOfPayment(t *testing.T) {
	t.Parallel()
	sim.OutlastAbsence(t, chapter(), reserving(), "payment", shop.Order("ada", "salt", 1, "mon-am"))
}

func TestWhileTheInitiatorIsAwayOnlyTheLastUnitIsOutOfReach(t *testing.T) {
	t.Parallel()
	s, err := see(t.Context(), halves(rivals())[2])
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"truffle": 0, "bob": 100, "sat-pm": 0}, s.Left)
	require.Equal(t, map[string]string{
		"truffle": "out of stock", "bob": "yes", "sat-pm": "delivery slot full",
	}, s.Answers)
	require.EqualValues(t, 1, s.After, "it is cancelled")
}

func TestAnInitiatorThatComesBackCancelsWhatIsNotDecided(t *testing.T) {
	t.Parallel()
	away, back, err := die(t.Context(), beforeDecision())
	require.NoError(t, err)
	require.Equal(t, tally{8, 2, 0}, away)
	require.Equal(t, tally{10, 0, 0}, back)
}

func TestAConfirmedOrderForcesTwoWritesForEachParticipantAndTwo(t *testing.T) {
	t.Parallel()
	p, told, err := real.PriceOf(t.Context(), reserving(), shop.Tea())
	require.NoError(t, err)
	require.Equal(t, 201, told.Status)
	require.Equal(t, 2*3+2, p.Forced)
}

func TestEachClassicMistakeIsCaught(t *testing.T) {
	t.Parallel()
	sim.EveryMistake(t, chapter())
}

func TestAPriceThatNoIntegerHoldsIsRefused(t *testing.T) {
	t.Parallel()
	v := reserving()
	v.Services = slices.Clone(v.Services)
	v.Services[0].Schema += "UPDATE prices SET cents = 1 << 62 WHERE item = 'tea';"
	run := sim.Play(t, chapter(), v, "retry")
	require.Equal(t, http.StatusUnprocessableEntity, run.Told[len(run.Told)-1].Status)
	require.Empty(t, run.Findings)
}
