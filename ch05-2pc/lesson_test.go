package main

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/lesson"
	"example.com/dtx/lab/readme"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/sim"
)

func TestTheLessonIsTrue(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves the experiments of the lesson out")
	}
	t.Parallel()
	lesson.Check(t, chapter(), readme.Config{
		Generated: map[string]string{
			"score": lesson.Scores([]string{
				"chapter 5", "faults tried", "faults that break the shop", "interleavings tried",
				"interleavings that break it",
			}, sim.KeptReports(t), inRows().About),
			"blocked":      blockedTable(t),
			"three-phases": threePhaseTable(t),
			"price":        priceTable(t),
			"mistakes":     lesson.Mistakes(t, chapter(), "`-mistake`"),
		},
		Figures: map[string]readme.Draw{
			"figures/success.svg": lesson.Draw(t, chapter(), inRows(), "success"),
			"figures/refused.svg": lesson.Draw(t, chapter(), inRows(), "out of stock"),
			"figures/dies-before.svg": lesson.Draw(t, chapter(), inRows(), "success",
				"crash before @ order: commit POST /orders order-1 #1"),
			"figures/dies-after.svg": lesson.Draw(t, chapter(), inRows(), "success",
				"crash after @ order: commit POST /orders order-1 #1"),
			"figures/vote-lost.svg": lesson.Draw(t, chapter(), inRows(), "success",
				"lost @ order → stock: POST /prepare order-1.1.1 #1"),
			"figures/zombie.svg": lesson.Draw(t, chapter(), inRows(), "success", notDead),
			"figures/split.svg":  lesson.Draw(t, chapter(), inThreePhases(), "success", split...),
		},
	})
}

const notDead = "zombie @ order → delivery: POST /prepare order-1.1.1 #1"

// blockedTable is what a coordinator's absence does, before and after its
// decision: the same.
func blockedTable(t *testing.T) string {
	t.Helper()
	windows := deaths(t)
	before, after := windows[fault.CrashBefore], windows[fault.CrashAfter]
	require.Equal(t, before.While, after.While, "while it is down, the two cases look the same")
	var b strings.Builder
	row := func(name, format string, value func(window) []any) {
		fmt.Fprintf(&b, "| %s |", name)
		for _, w := range []window{before.While, before.After, after.After} {
			fmt.Fprintf(&b, " "+format+" |", value(w)...)
		}
		fmt.Fprintln(&b)
	}
	fmt.Fprintln(&b, "| | while it is down | restarted; it died before its decision "+
		"| restarted; it died after its decision |\n|---|---|---|---|")
	row("rows locked", "%d", func(w window) []any { return []any{len(w.Locked)} })
	row("orders that get through", "%d of %d",
		func(w window) []any { return []any{w.Orders - w.Refused, w.Orders} })
	row("tea, read without waiting for the lock", "%d",
		func(w window) []any { return []any{w.Old} })
	row("tea, read with waiting for the lock", "%s",
		func(w window) []any { return []any{w.Waiting} })
	return b.String()
}

// deaths lets the coordinator die on both sides of its decision, at the same time.
func deaths(t *testing.T) map[fault.Kind]blocked {
	t.Helper()
	var before, after blocked
	var failed [2]error
	var both sync.WaitGroup
	both.Go(func() { before, failed[0] = block(t.Context(), inRows(), fault.CrashBefore, patient) })
	both.Go(func() { after, failed[1] = block(t.Context(), inRows(), fault.CrashAfter, patient) })
	both.Wait()
	require.NoError(t, errors.Join(failed[:]...))
	return map[fault.Kind]blocked{fault.CrashBefore: before, fault.CrashAfter: after}
}

func priceTable(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintln(&b, "| | answer | messages | commits | of them forced |\n|---|---|---|---|---|")
	for _, o := range priced() {
		p, told, err := real.PriceOf(t.Context(), inRows(), o.Order)
		require.NoError(t, err)
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d |\n",
			o.About, told.Status, p.Messages, p.Commits, p.Forced)
	}
	return b.String()
}

func TestACommittedOrderForcesTwoWritesForEachParticipantAndOne(t *testing.T) {
	t.Parallel()
	forced := map[string]int{}
	for _, o := range priced() {
		p, _, err := real.PriceOf(t.Context(), inRows(), o.Order)
		require.NoError(t, err)
		forced[o.About] = p.Forced
	}
	require.Equal(t, map[string]int{
		"three participants commit":         2*3 + 1,
		"two commit, one has nothing to do": 2*2 + 1,
		"one says no":                       2 + 1, // two prepared in vain, and the refusal
	}, forced)
}

func TestADeadCoordinatorBlocksTheRowsOfItsTransactionAndNoOthers(t *testing.T) {
	t.Parallel()
	windows := deaths(t)
	for death, left := range map[fault.Kind]int64{fault.CrashBefore: 10, fault.CrashAfter: 8} {
		b := windows[death]
		require.Len(t, b.While.Locked, 3)
		require.Equal(t, 12, b.While.Orders)
		require.Equal(t, 10, b.While.Refused, "all but bob's for salt or truffle on any day")
		require.EqualValues(t, 10, b.While.Old)
		require.Equal(t, "locked", b.While.Waiting)
		require.Empty(t, b.After.Locked)
		require.Zero(t, b.After.Refused)
		require.Equal(t, left, b.After.Old, "%s the decision", death)
	}
}

func TestAnOperatorWhoDecidesAloneBreaksTheOrder(t *testing.T) {
	t.Parallel()
	b, err := block(t.Context(), inRows(), fault.CrashAfter, impatient)
	require.NoError(t, err)
	var kinds []string
	for _, e := range b.Ledger.Effects {
		kinds = append(kinds, e.Kind)
	}
	require.Equal(t, []string{"order", "payment", "delivery"}, kinds, "and no stock")
	require.Len(t, b.Ledger.Parked, 1, "the coordinator does not forget it")
	require.Contains(t, b.Ledger.Parked[0], "by stock: ", "payment and delivery have acknowledged")
}
