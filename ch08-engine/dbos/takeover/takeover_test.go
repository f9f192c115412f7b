package takeover

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/servers"
	"example.com/dtx/internal/servers/serverstest"
)

// TestAWorkerThatIsStoppedDuringATakeOverKeepsTheOthersOutForALease plays the stopped worker
// with a transaction that does nothing more.
func TestAWorkerThatIsStoppedDuringATakeOverKeepsTheOthersOutForALease(t *testing.T) {
	server := serverstest.Start(t, servers.Postgres)
	join := func() *Worker {
		config, err := pgxpool.ParseConfig(server.DSN)
		require.NoError(t, err)
		w, err := Join(t.Context(), config, time.Second)
		require.NoError(t, err)
		t.Cleanup(w.pool.Close)
		return w
	}
	const lock = "SELECT pg_advisory_xact_lock($1)"
	stopped, other := join(), join()
	tx, err := stopped.pool.Begin(t.Context())
	require.NoError(t, err)
	defer tx.Rollback(context.WithoutCancel(t.Context()))
	_, err = tx.Exec(t.Context(), lock, alone)
	require.NoError(t, err)
	patience, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err = other.pool.Exec(patience, lock, alone)
	require.NoError(t, err, "the other worker has waited for a minute, and a lease lasts a second")
	require.Error(t, tx.Commit(t.Context()), "the stopped worker has lost its transaction")
}
