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
		orchestrator, end := run(t, db, silent)
		go func() { _, _ = orchestrator.Execute(t.Context(), "order-1", wants(steps("", ""))) }()
		synctest.Wait()
		require.Equal(t, []string{"calling", "waiting"}, states(t, orchestrator))
		end()
		orchestrator, _ = run(t, db, silent)
		synctest.Wait()
		require.Equal(t, []string{"calling", "unknown"}, states(t, orchestrator))
	})
}

func states(t *testing.T, orchestrator *saga.Orchestrator) (states []string) {
	t.Helper()
	_, list, err := orchestrator.History(t.Context(), "order-1")
	require.NoError(t, err)
	for _, p := range list {
		states = append(states, p.State)
	}
	return states
}
