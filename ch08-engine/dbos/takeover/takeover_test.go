package takeover

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/dbos-inc/dbos-transact-golang/dbos"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/servers"
	"example.com/dtx/internal/servers/serverstest"
)

const ttl = time.Second

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // the database goes away on purpose
	os.Exit(m.Run())
}

func join(t *testing.T, dsn string, ttl time.Duration) *Worker {
	t.Helper()
	config, err := pgxpool.ParseConfig(dsn)
	require.NoError(t, err)
	w, err := Join(t.Context(), config, ttl)
	require.NoError(t, err)
	t.Cleanup(w.pool.Close)
	return w
}

func (w *Worker) execute(t *testing.T, statement string) {
	t.Helper()
	_, err := w.pool.Exec(t.Context(), statement)
	require.NoError(t, err)
}

// idle is an engine without orders.
type idle struct{}

func (idle) RecoverPendingWorkflows([]string) ([]dbos.WorkflowHandle[any], error) {
	return nil, nil
}

// TestAWorkerThatIsStoppedDuringATakeOverKeepsTheOthersOutForALease plays the stopped worker
// with a transaction that does nothing more.
func TestAWorkerThatIsStoppedDuringATakeOverKeepsTheOthersOutForALease(t *testing.T) {
	server := serverstest.Start(t, servers.Postgres)
	const lock = "SELECT pg_advisory_xact_lock($1)"
	stopped, other := join(t, server.DSN, ttl), join(t, server.DSN, ttl)
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

// TestAnOutageOfTheDatabaseIsNoDeath makes the leases as old as an outage of an hour does.
func TestAnOutageOfTheDatabaseIsNoDeath(t *testing.T) {
	server := serverstest.Start(t, servers.Postgres)
	first := join(t, server.DSN, time.Minute)
	join(t, server.DSN, time.Minute)
	first.execute(t, "CREATE SCHEMA dbos")
	first.execute(t, "CREATE TABLE dbos.workflow_status (executor_id text, status text)")
	const older = `UPDATE workers SET since = since - interval '1 hour',
		renewed = renewed - interval '1 hour'`
	first.execute(t, older)
	require.NoError(t, first.renew(t.Context()))
	require.NoError(t, first.takeOver(t.Context(), idle{}))
	require.Equal(t, 2, leases(t, first), "leases when the first worker is back")

	first.execute(t, older)
	first.execute(t, // without a gap
		"UPDATE workers SET renewed = clock_timestamp() WHERE id = '"+first.ID+"'")
	require.NoError(t, first.takeOver(t.Context(), idle{}))
	require.Equal(t, 1, leases(t, first), "leases when the second worker has not come back")
}

func leases(t *testing.T, w *Worker) (n int) {
	t.Helper()
	err := w.pool.QueryRow(t.Context(), "SELECT count(*) FROM workers").Scan(&n)
	require.NoError(t, err)
	return n
}

func TestALeaseThatIsGoneIsNoticed(t *testing.T) {
	server := serverstest.Start(t, servers.Postgres)
	w := join(t, server.DSN, ttl)
	w.execute(t, "DELETE FROM workers")
	patience, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.ErrorIs(t, w.Renew(patience), ErrLost)
}

func TestToLeaveTakesNoLongerThanALease(t *testing.T) {
	server := serverstest.Start(t, servers.Postgres)
	w := join(t, server.DSN, ttl)
	db, err := pgx.Connect(t.Context(), server.DSN)
	require.NoError(t, err)
	defer db.Close(context.WithoutCancel(t.Context()))
	_, err = db.Exec(t.Context(), "BEGIN; LOCK TABLE workers")
	require.NoError(t, err)
	patience, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.ErrorIs(t, w.Leave(patience), context.DeadlineExceeded)
	require.NoError(t, patience.Err(), "it has waited for a minute, and a lease lasts a second")
}

func TestToJoinInVainLeavesNoConnection(t *testing.T) {
	server := serverstest.Start(t, servers.Postgres)
	db, err := pgx.Connect(t.Context(), server.DSN)
	require.NoError(t, err)
	defer db.Close(context.WithoutCancel(t.Context()))
	_, err = db.Exec(t.Context(), "CREATE TABLE workers (something int)")
	require.NoError(t, err)
	config, err := pgxpool.ParseConfig(server.DSN)
	require.NoError(t, err)
	config.ConnConfig.RuntimeParams["application_name"] = "in vain"
	_, err = Join(t.Context(), config, ttl)
	require.Error(t, err)
	require.Eventually(t, func() bool {
		var n int
		const left = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'in vain'"
		require.NoError(t, db.QueryRow(t.Context(), left).Scan(&n))
		return n == 0
	}, time.Minute, ttl/10)
}
