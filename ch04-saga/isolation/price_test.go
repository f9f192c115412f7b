package isolation_test

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch04-saga/isolation"
	"example.com/dtx/internal/sqlite"
)

// What each countermeasure costs, and that it does not keep the good cases from
// ending well.

func TestUnderASemanticLockBobHasToAskTwice(t *testing.T) {
	t.Parallel()
	const pending = "SELECT 'pending: '||pending FROM items WHERE item = 'tea'"
	seen := play(t, find(t, "semantic lock").With.Then(pending, isolation.Stock))
	require.Equal(t, []string{"ask again, pending: order-1", "done"},
		told(seen, "bob", "asks for tea"), transcript(seen))
	require.Equal(t, "pending: ", seen.Left, "the lock is still there\n%s", transcript(seen))
}

func TestACompensationOverSpentMoneyCanNeverEnd(t *testing.T) {
	t.Parallel()
	const stuck = "undo: refunds bob 500 cents"
	c := find(t, "pessimistic view")
	seen := play(t, c.Without)
	require.Equal(t, []string{"insufficient funds"}, told(seen, "saga", stuck), transcript(seen))
	seen = play(t, c.With)
	require.Empty(t, told(seen, "saga", stuck), transcript(seen))
}

func TestUnderAPessimisticViewBobWaitsForMoneyThatIsHis(t *testing.T) {
	t.Parallel()
	const state = "SELECT 'refunded: '||cents FROM refunds"
	const buys = "buys something for 500 cents"
	refundFirst := isolation.Cancelled(isolation.RefundFirst, "packed")
	refundLast := isolation.Cancelled(isolation.RefundLast, "packed")
	first := play(t, refundFirst.Then(state, isolation.Payment))
	last := play(t, refundLast.Then(state, isolation.Payment))
	require.Equal(t, []string{"refunded: 500", "refunded: 500"},
		[]string{first.Left, last.Left}, "a cancel in time")
	require.Equal(t, []string{"done"}, told(first, "bob", buys), transcript(first))
	require.Equal(t, []string{"insufficient funds"}, told(last, "bob", buys), transcript(last))
}

func TestASagaThatRereadsPaysEachChangeWithAnotherAttempt(t *testing.T) {
	t.Parallel()
	const places = `SELECT group_concat(district||' '||places, ', ')
		FROM (SELECT * FROM vans ORDER BY district)`
	seen := play(t, find(t, "reread value").With.Then(places, isolation.Delivery))
	require.Equal(t, "north 1, south 0, west 0", seen.Left, transcript(seen))
	require.Equal(t, []string{"done", "done"},
		told(seen, "saga", "takes a place in the van to ada"), transcript(seen))

	seen = play(t, isolation.MovesEachTime)
	require.Equal(t, "no parcel", seen.Left, "it gives up after three\n%s", transcript(seen))
	seen = play(t, isolation.MovesEachTime.Then(places, isolation.Delivery))
	require.Equal(t, "north 1, south 1, west 0", seen.Left,
		"it keeps a place\n%s", transcript(seen))

	seen = play(t, isolation.MovesOutOfReach)
	require.Equal(t, "no parcel", seen.Left, "no van goes there\n%s", transcript(seen))
}

func TestAVersionFileTakesOperationsInAnyOrderAndTwice(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		left    string
		arrived []string
	}{
		{"held: 500", []string{"authorize"}},
		{"held: 500", []string{"authorize", "authorize"}},
		{"held: 0", []string{"cancel"}},
		{"held: 0", []string{"authorize", "cancel"}},
		{"held: 0", []string{"cancel", "authorize"}},
		{"held: 0", []string{"cancel", "authorize", "cancel", "authorize"}},
	} {
		seen := play(t, isolation.Arrive(row.arrived...))
		require.Equal(t, row.left, seen.Left, transcript(seen))
	}
}

func TestByValueASmallOrderIsStillSeenBeforeItIsDecided(t *testing.T) {
	t.Parallel()
	seen := play(t, isolation.SmallOrder)
	require.Equal(t, "bob saw 60, rice on the shelf: 100", seen.Left, transcript(seen))
	require.True(t, seen.Happened, transcript(seen))
}

func TestByValueOthersWaitForALargeOrderAndNotForASmallOne(t *testing.T) {
	t.Parallel()
	for units, want := range map[int64]string{40: "through", 100: "waits"} {
		require.Equal(t, want, another(t, t.TempDir(), units),
			"an order that comes in the middle of one of %d units", units)
	}
}

// another lets another order take rice in the middle of ada's, and returns what
// became of it meanwhile.
func another(t *testing.T, dir string, units int64) (state string) {
	synctest.Test(t, func(t *testing.T) {
		done := make(chan error, 1)
		script := isolation.OrderWhile(units, func(s *isolation.Shop) {
			go func() {
				done <- isolation.Stock(s).Update(t.Context(), func(tx *sqlite.Tx) error {
					_, err := tx.Exec("UPDATE items SET units = units - 1 WHERE item = 'rice'")
					return err
				})
			}()
			synctest.Wait()
			state = map[int]string{0: "waits", 1: "through"}[len(done)]
		})
		_, err := isolation.Play(t.Context(), dir, script)
		require.NoError(t, err)
		require.NoError(t, <-done)
	})
	return state
}

func TestALargeOrderThatCannotBePaidTakesNothing(t *testing.T) {
	t.Parallel()
	const money = "SELECT 'ada: '||cents FROM accounts WHERE customer = 'ada'"
	seen := play(t, find(t, "by value").With.Then(money, isolation.Payment))
	require.Equal(t, "ada: 1000", seen.Left, transcript(seen))
	require.Equal(t, []string{"insufficient funds"},
		told(seen, "order", "charges ada"), transcript(seen))
}

// told returns the answers that one actor got to a step, in order.
func told(seen isolation.Seen, who, did string) (answers []string) {
	for l := range slices.Values(seen.Lines) {
		if l.Who == who && l.Did == did {
			answers = append(answers, l.Told)
		}
	}
	return answers
}
