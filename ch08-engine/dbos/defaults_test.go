package main

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dbos-inc/dbos-transact-golang/dbos"
	_ "github.com/dbos-inc/dbos-transact-golang/dbos/driver/sqlite" // SQLite, in pure Go
	"github.com/dbos-inc/dbos-transact-golang/dbos/internals"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// caller is a workflow of one step, which calls and gets no answer.
type caller struct {
	calls  atomic.Int64
	called chan struct{} // a value for each call
}

func newCaller() *caller { return &caller{called: make(chan struct{}, 9)} }

func (c *caller) workflow(ctx dbos.Context, _ string) (string, error) {
	return dbos.RunAsStep(ctx, func(ctx context.Context) (string, error) {
		c.calls.Add(1)
		c.called <- struct{}{}
		<-ctx.Done()
		return "", ctx.Err()
	})
}

// launch launches an engine with the caller's workflow, and shuts it down after the test.
func (c *caller) launch(t *testing.T, config dbos.Config) (engine dbos.Context, end func()) {
	t.Helper()
	config.AppName, config.Logger = "shop", slog.Default()
	engine, err := dbos.NewContext(context.WithoutCancel(t.Context()), config)
	require.NoError(t, err)
	end = func() { require.NoError(t, dbos.Shutdown(engine, 10*time.Second)) }
	t.Cleanup(end) // twice is once
	dbos.RegisterWorkflow(engine, c.workflow, dbos.WithWorkflowName("call"))
	require.NoError(t, dbos.Launch(engine))
	return engine, end
}

// begin starts the workflow, and returns when it has called.
func (c *caller) begin(t *testing.T, engine dbos.Context) {
	t.Helper()
	_, err := dbos.RunWorkflow(engine, c.workflow, "", dbos.WithWorkflowID("order-1"))
	require.NoError(t, err)
	c.await(t)
}

// await waits until the workflow calls.
func (c *caller) await(t *testing.T) {
	t.Helper()
	receive(t, c.called)
}

// receive waits for a value, for a minute at most.
func receive[T any](t *testing.T, from <-chan T) (value T) {
	t.Helper()
	select {
	case value = <-from:
	case <-time.After(time.Minute):
		require.Fail(t, "nothing has come for a minute")
	}
	return value
}

// state reads the state of the order and who has it.
func state(t *testing.T, dsn string) (status, executor string) {
	t.Helper()
	db, err := pgx.Connect(t.Context(), dsn)
	require.NoError(t, err)
	require.NoError(t, db.QueryRow(t.Context(), `SELECT status, executor_id
		FROM dbos.workflow_status WHERE workflow_uuid = 'order-1'`).Scan(&status, &executor))
	require.NoError(t, db.Close(t.Context()))
	return status, executor
}

// execute runs a statement of the operator.
func execute(t *testing.T, dsn, statement string) {
	t.Helper()
	db, err := pgx.Connect(t.Context(), dsn)
	require.NoError(t, err)
	_, err = db.Exec(t.Context(), statement)
	require.NoError(t, err)
	require.NoError(t, db.Close(t.Context()))
}

func TestDefaultsThatBite(t *testing.T) {
	b := newBench(t)
	t.Run("a second process takes the live orders of the first", func(t *testing.T) {
		dsn := b.database(t, empty)
		first, second := newCaller(), newCaller()
		engine, _ := first.launch(t, dbos.Config{DatabaseURL: dsn})
		first.begin(t, engine)
		_, executor := state(t, dsn)
		require.Equal(t, "local", executor)
		second.launch(t, dbos.Config{DatabaseURL: dsn})
		second.await(t) // while the first is still at its call
	})
	t.Run("one with a name of its own does not, even of the dead", func(t *testing.T) {
		dsn := b.database(t, empty)
		first, second := newCaller(), newCaller()
		engine, end := first.launch(t, dbos.Config{DatabaseURL: dsn, ExecutorID: "a"})
		first.begin(t, engine)
		end()
		// It recovers before it returns.
		second.launch(t, dbos.Config{DatabaseURL: dsn, ExecutorID: "b"})
		status, executor := state(t, dsn)
		require.Equal(t, []string{"PENDING", "a"}, []string{status, executor})
	})
	t.Run("a new build leaves the orders of the old one", func(t *testing.T) {
		dsn := b.database(t, empty)
		first, second := newCaller(), newCaller()
		engine, end := first.launch(t, dbos.Config{DatabaseURL: dsn})
		require.Len(t, engine.GetApplicationVersion(), 64, "the hash of the program")
		first.begin(t, engine)
		end()
		_, end = second.launch(t, dbos.Config{DatabaseURL: dsn, ApplicationVersion: "another"})
		status, _ := state(t, dsn)
		require.Equal(t, "PENDING", status)
		end()
		third := newCaller()
		third.launch(t, dbos.Config{DatabaseURL: dsn}) // the same build again
		third.await(t)
	})
	t.Run("after 100 recoveries an order is put aside", func(t *testing.T) {
		dsn := b.database(t, empty)
		first, second, third := newCaller(), newCaller(), newCaller()
		engine, end := first.launch(t, dbos.Config{DatabaseURL: dsn})
		first.begin(t, engine)
		end()
		execute(t, dsn, "UPDATE dbos.workflow_status SET recovery_attempts = 100")
		_, end = second.launch(t, dbos.Config{DatabaseURL: dsn})
		second.await(t)
		end()
		engine, _ = third.launch(t, dbos.Config{DatabaseURL: dsn})
		handle, err := dbos.RetrieveWorkflow[string](engine, "order-1")
		require.NoError(t, err)
		_, err = handle.GetResult()
		require.ErrorIs(t, err, dbos.ErrDeadLetterQueue)
		status, _ := state(t, dsn)
		require.Equal(t, "MAX_RECOVERY_ATTEMPTS_EXCEEDED", status)
		require.Zero(t, third.calls.Load())
		_, err = dbos.ResumeWorkflow[string](engine, "order-1")
		require.NoError(t, err)
		third.await(t) // the operator's release
	})
	t.Run("another input under the same ID is not noticed", func(t *testing.T) {
		c := newCaller()
		engine, _ := c.launch(t, dbos.Config{DatabaseURL: b.database(t, empty)})
		for _, input := range []string{"two packets", "three packets"} {
			_, err := dbos.RunWorkflow(engine, c.workflow, input, dbos.WithWorkflowID("order-1"))
			require.NoError(t, err)
		}
		c.await(t)
		handle, err := dbos.RetrieveWorkflow[string](engine, "order-1")
		require.NoError(t, err)
		status, err := handle.GetStatus()
		require.NoError(t, err)
		require.Contains(t, status.Input, "two packets")
		require.EqualValues(t, 1, c.calls.Load())
	})
	t.Run("SQLite does not force what it commits", func(t *testing.T) {
		url := "sqlite:" + filepath.Join(t.TempDir(), "engine.db")
		engine, _ := newCaller().launch(t, dbos.Config{DatabaseURL: url})
		db := dbos.SQLDB(engine.(internals.Runtime).SystemDB().Pool())
		var synchronous int
		require.NoError(t, db.QueryRow("PRAGMA synchronous").Scan(&synchronous))
		require.Equal(t, 1, synchronous, "1, NORMAL: a power cut takes the last commits; FULL is 2")
	})
}
