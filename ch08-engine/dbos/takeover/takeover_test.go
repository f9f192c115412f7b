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
	"golang.org/x/sync/errgroup"

	"example.com/dtx/internal/servers"
	"example.com/dtx/internal/servers/serverstest"
)

const ttl = time.Second

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // the database goes away on purpose
	os.Exit(m.Run())
}

func join(t *testing.T, dsn string) *Worker {
	t.Helper()
	config, err := pgxpool.ParseConfig(dsn)
	require.NoError(t, err)
	w, err := Join(t.Context(), config, ttl)
	require.NoError(t, err)
	t.Cleanup(w.pool.Close)
	return w
}

func execute(t *testing.T, dsn, statement string) {
	t.Helper()
	db, err := pgx.Connect(t.Context(), dsn)
	require.NoError(t, err)
	_, err = db.Exec(t.Context(), statement)
	require.NoError(t, err)
	require.NoError(t, db.Close(t.Context()))
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
	stopped, other := join(t, server.DSN), join(t, server.DSN)
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

func TestAnOutageOfTheDatabaseIsNoDeath(t *testing.T) {
	server := serverstest.Start(t, servers.Postgres)
	execute(t, server.DSN, `CREATE SCHEMA dbos;
		CREATE TABLE dbos.workflow_status (executor_id text, status text)`)
	ctx, stop := context.WithCancel(t.Context())
	var all errgroup.Group
	list := []*Worker{join(t, server.DSN), join(t, server.DSN), join(t, server.DSN)}
	for _, w := range list {
		made := make(chan Engine, 1)
		made <- idle{}
		all.Go(func() error { return w.Renew(ctx) })
		all.Go(func() error { return w.TakeOver(ctx, made) })
	}
	requireJudges(t, list, time.Time{})
	require.NoError(t, server.Kill())
	time.Sleep(2 * ttl) // all leases expire
	away := time.Now()
	require.NoError(t, server.Start(t.Context()))
	requireJudges(t, list, away)
	stop()
	require.NoError(t, all.Wait())
}

// requireJudges requires that in the end all workers have held their leases, since that time,
// for longer than a lease lasts: each has looked for the dead by then.
func requireJudges(t *testing.T, list []*Worker, from time.Time) {
	t.Helper()
	const judges = `SELECT count(*) FROM workers
		WHERE since > $2 AND since < clock_timestamp() - 2 * $1::interval`
	require.Eventually(t, func() bool {
		var n int
		err := list[0].pool.QueryRow(t.Context(), judges, ttl, from).Scan(&n)
		return err == nil && n == len(list)
	}, 20*ttl, ttl/10, "a worker was taken for dead")
}

func TestALeaseThatIsGoneIsNoticed(t *testing.T) {
	server := serverstest.Start(t, servers.Postgres)
	w := join(t, server.DSN)
	execute(t, server.DSN, "DELETE FROM workers")
	require.ErrorIs(t, w.Renew(t.Context()), ErrLost)
}

func TestToLeaveTakesNoLongerThanALease(t *testing.T) {
	server := serverstest.Start(t, servers.Postgres)
	w := join(t, server.DSN)
	db, err := pgx.Connect(t.Context(), server.DSN)
	require.NoError(t, err)
	defer db.Close(context.WithoutCancel(t.Context()))
	_, err = db.Exec(t.Context(), "BEGIN; LOCK TABLE workers")
	require.NoError(t, err)
	require.ErrorIs(t, w.Leave(t.Context()), context.DeadlineExceeded)
}

func TestToJoinInVainLeavesNoConnection(t *testing.T) {
	server := serverstest.Start(t, servers.Postgres)
	execute(t, server.DSN, "CREATE TABLE workers (something int)")
	config, err := pgxpool.ParseConfig(server.DSN)
	require.NoError(t, err)
	config.ConnConfig.RuntimeParams["application_name"] = "in vain"
	_, err = Join(t.Context(), config, ttl)
	require.Error(t, err)
	db, err := pgx.Connect(t.Context(), server.DSN)
	require.NoError(t, err)
	defer db.Close(context.WithoutCancel(t.Context()))
	require.Eventually(t, func() bool {
		var n int
		const left = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'in vain'"
		require.NoError(t, db.QueryRow(t.Context(), left).Scan(&n))
		return n == 0
	}, time.Minute, ttl/10)
}
