//go:build unix

package real_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/labtest"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/toy"
)

// TestAProcessFrozenInsideATransactionPaysOnce stops a process that holds the
// database's lock, by SIGSTOP. Its successor cannot write meanwhile, says that nothing
// was done, and lives. When both go on, the customer has paid once.
func TestAProcessFrozenInsideATransactionPaysOnce(t *testing.T) {
	t.Parallel()
	ctx := labtest.Within(t)
	c, err := real.Start(ctx, toy.Variant(toy.None), real.Options{})
	require.NoError(t, err)
	thaw, frozen := c.Freeze("till: commit POST /charge order-1 #1")
	told := make(chan []lab.Answer, 1)
	success := labtest.Scenario(t, "success")
	go func() { told <- c.Place(ctx, success.Orders[0], 1) }()
	require.NoError(t, <-frozen)

	require.NoError(t, c.Until(ctx, func(e event.Event) bool {
		return e.Service == "till" && e.Kind == event.Send && e.Data.Text == "503"
	}), "the successor was never asked while the lock was held")
	require.NoError(t, thaw())

	answer := (<-told)[0]
	require.Equal(t, http.StatusServiceUnavailable, answer.Status, "the till was silent")
	require.NoError(t, c.Settle(ctx))
	after, err := c.Ledger(ctx)
	require.NoError(t, err)
	var paid []lab.Effect
	for _, e := range after.Effects {
		if e.Kind == "payment" {
			paid = append(paid, e)
		}
	}
	once := lab.Effect{Kind: "payment", Order: "order-1", Account: "ada", Amount: 500}
	require.Equal(t, []lab.Effect{once}, paid)
	require.Empty(t, after.Stuck)
	for _, e := range c.Events() {
		require.NotEqual(t, event.Crash, e.Kind, "%s died", e.Service)
	}
	require.NoError(t, c.Close())
}
