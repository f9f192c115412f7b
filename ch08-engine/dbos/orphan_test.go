package main

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/dbos-inc/dbos-transact-golang/dbos"
	"github.com/dbos-inc/dbos-transact-golang/dbos/internals"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"example.com/dtx/ch08-engine/dbos/takeover"
)

// join gives a worker a lease of a second, and its name to the configuration of an engine.
func (b *bench) join(t *testing.T, dsn, version string) (*takeover.Worker, dbos.Config) {
	t.Helper()
	config, err := pgxpool.ParseConfig(dsn)
	require.NoError(t, err)
	w, err := takeover.Join(t.Context(), config, time.Second)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.Leave(context.WithoutCancel(t.Context()))) })
	return w, dbos.Config{
		AppName: "shop", DatabaseURL: dsn, ExecutorID: w.ID, ApplicationVersion: version,
		Logger: slog.Default(),
	}
}

// takes has a worker take over, on that engine, until the test ends.
func takes(t *testing.T, w *takeover.Worker, engine takeover.Engine) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	made, ended := make(chan takeover.Engine, 1), make(chan error, 2)
	made <- engine
	go func() { ended <- w.Renew(ctx) }()
	go func() { ended <- w.TakeOver(ctx, made) }()
	t.Cleanup(func() {
		stop()
		<-ended
		<-ended
	})
}

// takesWith is takes on an engine that runs the caller's workflow.
func (b *bench) takesWith(t *testing.T, dsn, version string, c *caller) (name string) {
	t.Helper()
	w, config := b.join(t, dsn, version)
	engine, _ := c.launch(t, config)
	runtime, err := internals.RuntimeOf(engine)
	require.NoError(t, err)
	takes(t, w, runtime)
	return w.ID
}

// orphan leaves an order of version 1 whose worker, "dead", has gone.
func orphan(t *testing.T, dsn string) {
	t.Helper()
	c := newCaller()
	engine, end := c.launch(t, dbos.Config{
		DatabaseURL: dsn, ExecutorID: "dead", ApplicationVersion: "1",
	})
	c.begin(t, engine)
	end()
}

// slow is an engine that resumes orders only when it is told to.
type slow struct {
	takeover.Engine
	asked, goOn chan struct{}
	resumed     chan int
}

// RecoverPendingWorkflows is part of takeover.Engine.
func (s slow) RecoverPendingWorkflows(names []string) ([]dbos.WorkflowHandle[any], error) {
	s.asked <- struct{}{}
	<-s.goOn
	list, err := s.Engine.RecoverPendingWorkflows(names)
	s.resumed <- len(list)
	return list, err
}

func TestALateTakeOverTakesNoOrderFromALiveWorker(t *testing.T) {
	b := newBench(t)
	dsn := b.database(t, empty)
	orphan(t, dsn)
	late, config := b.join(t, dsn, "1")
	engine, err := dbos.NewContext(context.WithoutCancel(t.Context()), config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, dbos.Shutdown(engine, time.Second)) })
	runtime, err := internals.RuntimeOf(engine)
	require.NoError(t, err)
	s := slow{runtime, make(chan struct{}, 9), make(chan struct{}), make(chan int, 9)}
	takes(t, late, s)
	goOn := sync.OnceFunc(func() { close(s.goOn) })
	t.Cleanup(goOn)     // also after a failure
	receive(t, s.asked) // the server ends its transaction after a lease
	live := newCaller()
	name := b.takesWith(t, dsn, "1", live)
	live.await(t)
	goOn()
	require.Zero(t, receive(t, s.resumed), "orders that the late take-over has resumed")
	_, executor := state(t, dsn)
	require.Equal(t, name, executor)
	require.EqualValues(t, 1, live.calls.Load())
}

func TestTheTakeOverOfAnOrderOfAnotherVersionAlarms(t *testing.T) {
	b := newBench(t)
	dsn := b.database(t, empty)
	orphan(t, dsn)
	execute(t, dsn, "UPDATE dbos.workflow_status SET created_at = created_at - 61000")
	w, config := b.join(t, dsn, "2")
	engine, _ := newCaller().launch(t, config)
	runtime, err := internals.RuntimeOf(engine)
	require.NoError(t, err)
	s := slow{runtime, make(chan struct{}, 99), make(chan struct{}), make(chan int, 99)}
	close(s.goOn)
	takes(t, w, s)
	require.Zero(t, receive(t, s.resumed), "an order of version 1")
	requireAlarm(t, dsn, "PENDING")
	execute(t, dsn, "UPDATE dbos.workflow_status SET status = 'ENQUEUED'") // resumed by its ID
	requireAlarm(t, dsn, "ENQUEUED")
}

func TestAnOrderThatWasRecoveredTooOftenIsParkedByATakeOver(t *testing.T) {
	b := newBench(t)
	dsn := b.database(t, empty)
	orphan(t, dsn)
	execute(t, dsn, "UPDATE dbos.workflow_status SET recovery_attempts = 101")
	c := newCaller()
	b.takesWith(t, dsn, "1", c)
	await(t, "the order is parked", func() bool {
		status, _ := state(t, dsn)
		return status == "MAX_RECOVERY_ATTEMPTS_EXCEEDED"
	})
	require.Zero(t, c.calls.Load())
	requireAlarm(t, dsn, "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
}
