package isolation_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch04-saga/isolation"
	"example.com/dtx/internal/sqlite"
)

func TestWithoutASemanticLockBobIsSentAwayFromTeaThatComesBack(t *testing.T) {
	t.Parallel()
	requirePrevented(t, "semantic lock",
		`bob's last answer is "out of stock", tea on the shelf: 1`,
		`bob's last answer is "yours", tea on the shelf: 0`)
}

func TestACompensationThatWritesBackWhatItReadLosesADeposit(t *testing.T) {
	t.Parallel()
	requirePrevented(t, "commutative update", "ada has 1000 cents", "ada has 1200 cents")
}

func TestARefundThatComesFirstIsSpentBeforeItCanBeTakenBack(t *testing.T) {
	t.Parallel()
	requirePrevented(t, "pessimistic view",
		"the parcel is sent, refunded: 500 cents",
		"the parcel is sent, refunded: 0 cents")
}

func TestASagaThatReadsAnAddressTwicePutsTheParcelIntoTheWrongVan(t *testing.T) {
	t.Parallel()
	requirePrevented(t, "reread value", "van north, label south", "van south, label south")
}

func TestACancelThatComesBeforeItsAuthorizationIsLost(t *testing.T) {
	t.Parallel()
	requirePrevented(t, "version file", "held for order-1: 500 cents", "held for order-1: 0 cents")
}

func TestALargeOrderThatIsRefusedEmptiesTheShelfForAWhile(t *testing.T) {
	t.Parallel()
	requirePrevented(t, "by value",
		"bob saw 0, rice on the shelf: 100", "bob saw 100, rice on the shelf: 100")
}

// requirePrevented plays a case, and requires that its anomaly happens without
// the countermeasure, does not with it, and what is left each time.
func requirePrevented(t *testing.T, countermeasure, without, with string) {
	t.Helper()
	c := find(t, countermeasure)
	seen := play(t, c.Without)
	require.Equal(t, without, seen.Left, "without the countermeasure\n%s", transcript(seen))
	require.True(t, seen.Happened,
		"%s It does not happen without %s:\n%s", c.Question, countermeasure, transcript(seen))
	seen = play(t, c.With)
	require.Equal(t, with, seen.Left, "with the countermeasure\n%s", transcript(seen))
	require.False(t, seen.Happened,
		"%s It happens with %s:\n%s", c.Question, countermeasure, transcript(seen))
}

func find(t *testing.T, countermeasure string) isolation.Case {
	t.Helper()
	for _, c := range isolation.Cases() {
		if c.Countermeasure == countermeasure {
			return c
		}
	}
	require.FailNow(t, "there is no case for "+countermeasure)
	return isolation.Case{}
}

func play(t *testing.T, script isolation.Script) isolation.Seen {
	t.Helper()
	seen, err := isolation.Play(t.Context(), t.TempDir(), script)
	require.NoError(t, err)
	return seen
}

func transcript(seen isolation.Seen) string {
	var text strings.Builder
	for _, row := range seen.Rows() {
		text.WriteString(strings.Join(row, " | ") + "\n")
	}
	return text.String()
}

func TestTheTableHasARowForEachCountermeasure(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	results, err := isolation.Measure(t.Context(), dir)
	require.NoError(t, err)
	require.Equal(t, [][]string{
		{"anomaly", "countermeasure", "without it", "with it"},
		{"dirty read", "semantic lock",
			`happens: bob's last answer is "out of stock", tea on the shelf: 1`,
			`prevented: bob's last answer is "yours", tea on the shelf: 0`},
		{"lost update", "commutative update",
			"happens: ada has 1000 cents",
			"prevented: ada has 1200 cents"},
		{"money spent already", "pessimistic view",
			"happens: the parcel is sent, refunded: 500 cents",
			"prevented: the parcel is sent, refunded: 0 cents"},
		{"fuzzy read", "reread value",
			"happens: van north, label south",
			"prevented: van south, label south"},
		{"lost update", "version file",
			"happens: held for order-1: 500 cents",
			"prevented: held for order-1: 0 cents"},
		{"dirty read", "by value",
			"happens: bob saw 0, rice on the shelf: 100",
			"prevented: bob saw 100, rice on the shelf: 100"},
	}, isolation.Table(results))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestAScriptPlayedAgainTellsTheSame(t *testing.T) {
	t.Parallel()
	for _, c := range isolation.Cases() {
		for _, script := range []isolation.Script{c.Without, c.With} {
			require.Equal(t, play(t, script), play(t, script), c.Countermeasure)
		}
	}
}

func TestAStepThatFailsIsNoRefusal(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	script := func(_ context.Context, s *isolation.Shop) (isolation.Seen, error) {
		cancel() // nothing begins any more
		return find(t, "semantic lock").Without(ctx, s)
	}
	_, err := isolation.Play(t.Context(), t.TempDir(), script)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "saga, takes the last tea for ada")

	_, err = isolation.Play(t.Context(), t.TempDir(), isolation.OutcomeUnknown)
	require.ErrorIs(t, err, sqlite.ErrUnknown)
}
