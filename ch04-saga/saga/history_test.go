package saga_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch04-saga/saga"
)

func TestAfterARestartNobodyKnowsWhichStepsAreStillOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db, silent := open(t), at(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		engine, end := run(t, db, silent)
		go func() { _, _ = engine.Carry(t.Context(), saga.Saga{ID: "order-1", Steps: steps("", "")}, nothing) }()
		synctest.Wait()
		require.Equal(t, []string{"under way", "open"}, states(t, engine))
		end()
		engine, _ = run(t, db, silent)
		synctest.Wait()
		require.Equal(t, []string{"under way", "unknown"}, states(t, engine))
	})
}

func states(t *testing.T, engine *saga.Engine) (states []string) {
	t.Helper()
	_, list, err := engine.History(t.Context(), "order-1")
	require.NoError(t, err)
	for _, p := range list {
		states = append(states, p.State)
	}
	return states
}
