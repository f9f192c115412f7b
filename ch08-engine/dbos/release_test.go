package main

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/dbos-inc/dbos-transact-golang/dbos"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// release is a workflow in one release of a shop. It notes the steps that are called.
type release struct {
	checks bool // its first step is "check"
	patch  bool // only new orders have that step
	stuck  bool // there is no answer to "pay"
	called chan string
}

func (r *release) workflow(ctx dbos.Context, _ string) (string, error) {
	names := []string{"take", "pay"}
	isNew := r.checks
	if r.patch {
		var err error
		if isNew, err = dbos.Patch(ctx, "check first"); err != nil {
			return "", err
		}
	}
	if isNew {
		names = []string{"check", "take", "pay"}
	}
	for _, name := range names {
		_, err := dbos.RunAsStep(ctx, func(ctx context.Context) (string, error) {
			r.called <- name
			if r.stuck && name == "pay" {
				<-ctx.Done()
			}
			return "", ctx.Err()
		}, dbos.WithStepName(name))
		if err != nil {
			return "", err
		}
	}
	return "", nil
}

// launch launches the release. Both releases have the version "1".
func (r *release) launch(t *testing.T, dsn string) (engine dbos.Context, end func()) {
	t.Helper()
	r.called = make(chan string, 9)
	engine, err := dbos.NewContext(context.WithoutCancel(t.Context()), dbos.Config{
		AppName: "shop", DatabaseURL: dsn, Logger: slog.Default(), ApplicationVersion: "1",
	})
	require.NoError(t, err)
	end = func() { require.NoError(t, dbos.Shutdown(engine, 10*time.Second)) }
	t.Cleanup(end)
	dbos.RegisterWorkflow(engine, r.workflow, dbos.WithWorkflowName("order"))
	require.NoError(t, dbos.Launch(engine))
	return engine, end
}

// place places an order, and waits for its end.
func (r *release) place(t *testing.T, engine dbos.Context, id string) {
	t.Helper()
	handle, err := dbos.RunWorkflow(engine, r.workflow, "", dbos.WithWorkflowID(id))
	require.NoError(t, err)
	_, err = handle.GetResult()
	require.NoError(t, err)
}

// steps returns what was called so far.
func (r *release) steps() (names []string) {
	for len(r.called) > 0 {
		names = append(names, <-r.called)
	}
	return names
}

// halfDone leaves an order of the first release that has taken, and has not paid.
func halfDone(t *testing.T, dsn string) {
	t.Helper()
	first := &release{stuck: true}
	engine, end := first.launch(t, dsn)
	_, err := dbos.RunWorkflow(engine, first.workflow, "", dbos.WithWorkflowID("order-1"))
	require.NoError(t, err)
	require.Equal(t, "take", receive(t, first.called))
	require.Equal(t, "pay", receive(t, first.called))
	end()
}

// alarming lists the orders that a person has to look at. Times are in ms since 1970.
const alarming = `
	SELECT workflow_uuid, status FROM dbos.workflow_status
	WHERE status IN ('ERROR', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED')
	   OR status IN ('PENDING', 'ENQUEUED') AND created_at < 1000 * (extract(epoch FROM now()) - 60)
`

// requireAlarm requires that one order has to be looked at, and that it has this status.
func requireAlarm(t *testing.T, dsn, status string) {
	t.Helper()
	db, err := pgx.Connect(t.Context(), dsn)
	require.NoError(t, err)
	rows, err := db.Query(t.Context(), alarming)
	require.NoError(t, err)
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (o [2]string, err error) {
		return o, row.Scan(&o[0], &o[1])
	})
	require.NoError(t, err)
	require.Equal(t, [][2]string{{"order-1", status}}, list)
	require.NoError(t, db.Close(t.Context()))
}

func TestANewReleaseHasAStepMoreWhileAnOrderIsUnderWay(t *testing.T) {
	b := newBench(t)
	t.Run("the engine ends the order, half done", func(t *testing.T) {
		dsn := b.database(t, empty)
		halfDone(t, dsn)
		second := &release{checks: true}
		engine, _ := second.launch(t, dsn)
		handle, err := dbos.RetrieveWorkflow[string](engine, "order-1")
		require.NoError(t, err)
		_, err = handle.GetResult()
		require.ErrorContains(t, err, "check")
		requireAlarm(t, dsn, "ERROR")
		require.Empty(t, second.steps(), "nothing is called, and nothing is compensated")
	})
	t.Run("with a patch the order goes on by its old steps", func(t *testing.T) {
		dsn := b.database(t, empty)
		halfDone(t, dsn)
		execute(t, dsn, "UPDATE dbos.workflow_status SET created_at = created_at - 61000")
		requireAlarm(t, dsn, "PENDING")
		second := &release{patch: true}
		engine, _ := second.launch(t, dsn)
		handle, err := dbos.RetrieveWorkflow[string](engine, "order-1")
		require.NoError(t, err)
		_, err = handle.GetResult()
		require.NoError(t, err)
		require.Equal(t, []string{"pay"}, second.steps())
		second.place(t, engine, "order-2")
		require.Equal(t, []string{"check", "take", "pay"}, second.steps())
	})
}
