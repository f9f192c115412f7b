package halfmessage_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch07-messages/halfmessage"
	"example.com/dtx/lab"
	"example.com/dtx/lab/sim"
)

func TestMain(m *testing.M) { sim.Main(m, chapter()) }

func TestEverySingleFaultLeavesEveryOrderWhole(t *testing.T) {
	t.Parallel()
	c := chapter()
	if testing.Short() {
		c.Scenarios = c.Scenarios[:1]
	}
	total := sim.EveryFault(t, c, c.Variants[0])
	require.NotZero(t, total.Faults, "faults tried")
	sim.RequireWhole(t, c, total)
}

// slowCommit is a local transaction that commits late. The broker hears nothing for 2 s,
// and asks back.
const slowCommit = "slow @ order: commit POST /orders order-1 #1"

// replyLost keeps the local transaction from beginning. The client asks again about when
// the broker asks back.
const replyLost = "reply lost @ order → broker: POST /half order-1 #1"

func TestNotFoundTakenForRolledBackLosesACommittedOrdersMessage(t *testing.T) {
	t.Parallel()
	wrong := with("not found is rolled back", notFoundIs(halfmessage.RolledBack))
	for _, plan := range []string{slowCommit, replyLost} {
		r := play(t, wrong, plan)
		require.Len(t, r.Findings, 1, "findings under %s: %v", plan, r.Findings)
		require.Equal(t, "order without delivery", r.Findings[0].Damage, plan)
		right := play(t, chapter().Variants[0], plan)
		require.Empty(t, right.Findings, "with a tombstone, under %s", plan)
	}
}

func TestNotFoundTakenForUnknownLeavesAMessageOpenForEver(t *testing.T) {
	t.Parallel()
	wrong := with("not found is unknown", notFoundIs(halfmessage.Unknown))
	const plan = "slow @ broker: commit POST /half order-1 #1"
	r := play(t, wrong, plan)
	require.Len(t, r.Findings, 1, "findings under %s: %v", plan, r.Findings)
	require.Equal(t, lab.AtRest, r.Findings[0].Invariant)
	require.Contains(t, r.Findings[0].Text, "order-1 is open: unknown")
	right := play(t, chapter().Variants[0], plan)
	require.Empty(t, right.Findings, "with a tombstone, under %s", plan)
}

func TestADecisionThatCannotBeWrittenIsTriedAfterAPause(t *testing.T) {
	t.Parallel()
	// Two brokers have one database, and one of them stands still while it has the lock.
	r := play(t, chapter().Variants[0], "zombie @ broker: POST /half order-1 #1",
		"pause @ broker: commit POST /commit order-1 #1")
	require.Empty(t, r.Findings)
	require.Less(t, len(r.Events), 300, "events of one order: the broker asks without a pause")
}

func TestEachWrongAnswerBreaksUnderSeveralFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("-short plays the shortest broken runs alone")
	}
	t.Parallel()
	for state, invariant := range map[halfmessage.State]string{
		halfmessage.RolledBack: lab.AllOrNothing, halfmessage.Unknown: lab.AtRest,
	} {
		v := with("not found is "+string(state), notFoundIs(state))
		r := sim.NewStage(t, chapter(), v).Explore(t, success(), false)
		require.Empty(t, r.Wrong, "without a fault it works")
		t.Log(r)
		for _, d := range r.Damages {
			require.Equal(t, invariant, d.Invariant, "%s: %s under %s", v.Name, d.Damage, d.Cause())
			require.Greater(t, d.Runs, 1, "broken runs")
		}
	}
}

// play plays the order for tea under a plan of faults.
func play(t *testing.T, v lab.Variant, plan ...string) sim.Run {
	t.Helper()
	return sim.Play(t, chapter(), v, "success", plan...)
}

func TestTheFolderHasNoScores(t *testing.T) {
	_, err := os.Stat(sim.ScoreFile)
	require.ErrorIs(t, err, os.ErrNotExist, "kept scores would excuse broken runs")
}

func TestTheSameFaultsGiveTheSameRun(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves it out: each run is played several times")
	}
	sim.SameAgain(t, chapter(), chapter().Variants[0], 50)
}
