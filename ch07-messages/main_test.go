package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server/ats"
	"github.com/stretchr/testify/require"

	"example.com/dtx/ch07-messages/replicated"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/shop"
	"example.com/dtx/lab/sim"
)

func TestMain(m *testing.M) {
	replicated.Child()
	ats.Register() // the server's clock would belong to the first run that needs it
	sim.Main(m, chapter())
}

func TestEveryFault(t *testing.T) {
	t.Parallel()
	c := sim.OnlyIfShort(t, chapter(), "slot full")
	found := sim.OneFaultOf(t, c, brokered(), 8) // LAB_WHOLE=1 tries all, for a minute
	sim.RequireWhole(t, chapter(), found)
	if sim.WholeScore() {
		sim.KeepScores(t, c, found)
	}
}

// TestAtRestNoServiceWaitsInVain is about a shop that has not taken its order when all is at
// rest: the client asks again only when stock has fetched anew.
func TestAtRestNoServiceWaitsInVain(t *testing.T) {
	t.Parallel()
	sim.RequireSurvives(t, chapter(), brokered(), "success",
		fault.Fault{Kind: fault.Crash, Point: "order → broker: POST /fetch/order #1"},
		fault.Fault{Kind: fault.Late, Point: "stock → broker: POST /fetch/stock #2"})
}

func TestTheSameFaultsGiveTheSameRun(t *testing.T) {
	t.Parallel()
	sim.SameAgain(t, chapter(), brokered(), 100) // a run with a broker takes long
}

func TestTheBrokerDiesInTheSameWayEachTime(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves it out: each run is played several times")
	}
	t.Parallel()
	success, err := chapter().Scenario("success")
	require.NoError(t, err)
	s := sim.NewStage(t, chapter(), brokered())
	runs := 0
	for _, o := range s.Run(t, success, nil).Offers {
		kills := strings.HasPrefix(string(o.Kind), "crash")
		if !kills || !strings.HasPrefix(o.Point, "broker: ") {
			continue
		}
		r := s.Run(t, success, nil, o.Fault)
		require.NoError(t, s.Again(t, success, r, 2))
		runs += 3
	}
	require.Greater(t, runs, 100)
	t.Logf("%d runs in which the broker dies", runs)
}

func TestRealProcessesAndTheSimulationAgreeOnEveryCommit(t *testing.T) {
	t.Parallel() // at commits only: how often a consumer fetches depends on the clock
	for _, name := range []string{"success", "slot full"} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name == "success" {
				t.Skip("-short kills only where delivery refuses")
			}
			s, err := chapter().Scenario(name)
			require.NoError(t, err)
			crashes := sim.EveryCrash(t, chapter(), brokered(), s,
				fault.CrashBefore, fault.CrashAfter)
			require.NotZero(t, crashes)
			t.Logf("%d crash points: the same ledgers and verdict in both worlds", crashes)
		})
	}
}

func TestEachClassicMistakeIsCaught(t *testing.T) {
	t.Parallel()
	sim.EveryMistake(t, chapter())
}

func TestManyOrdersOutlastAnAbsence(t *testing.T) {
	t.Parallel()
	salt := shop.Tea()
	salt.Item, salt.Quantity, salt.Slot = "salt", 1, "any-day"
	for _, service := range []string{"payment", "broker"} {
		t.Run("of "+service, func(t *testing.T) {
			sim.OutlastAbsence(t, chapter(), brokered(), service, salt)
		})
	}
}

func TestAPriceThatNoIntegerHoldsIsRefused(t *testing.T) {
	t.Parallel()
	v := brokered()
	v.Services = slices.Clone(v.Services)
	v.Services[0].Schema += "UPDATE prices SET cents = 1 << 62 WHERE item = 'tea';"
	run := sim.Play(t, chapter(), v, "retry")
	require.Equal(t, http.StatusUnprocessableEntity, run.Told[len(run.Told)-1].Status)
	require.Empty(t, run.Findings)
}
