package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/dbos-inc/dbos-transact-golang/dbos"
	_ "github.com/dbos-inc/dbos-transact-golang/dbos/driver/sqlite"
	"github.com/dbos-inc/dbos-transact-golang/dbos/internals"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"example.com/dtx/ch08-engine/dbos/order"
	"example.com/dtx/ch08-engine/dbos/takeover"
)

// The environment of a worker.
const (
	dsnVariable     = "ENGINE_DSN"     // of the engine's database
	leaseVariable   = "ENGINE_LEASE"   // how long a lease lasts; empty if it has none
	versionVariable = "ENGINE_VERSION" // of the application
	twoVariable     = "ENGINE_TWO"     // set for orders of two calls, in the benchmark
)

// onSQLite begins the DSN of an engine that keeps its tables in a file, and no server. Only
// the benchmark has one: its statements are no fault points.
const onSQLite = "sqlite:"

// worker is a process that takes orders and drives them, on the engine.
type worker struct {
	*order.Service
	strike   *strike
	pool     *pgxpool.Pool
	executor string // its name for the engine; empty is the engine's default
	made     chan takeover.Engine
}

func newWorker(s *strike, client *http.Client) *worker {
	w := &worker{strike: s, made: make(chan takeover.Engine, 1)}
	steps := order.Steps
	if os.Getenv(twoVariable) != "" {
		steps = twoSteps
	}
	w.Service = order.New(s.client(client), steps, w.engine)
	return w
}

// twoSteps takes the units and books the place.
func twoSteps(o order.Order) []order.Step {
	all := order.Steps(o)
	return []order.Step{all[0], all[2]}
}

// engine makes the engine: on a pool whose statements are fault points, or on a SQLite file.
func (w *worker) engine(ctx context.Context) (dbos.Context, error) {
	engine, err := dbos.NewContext(ctx, dbos.Config{
		AppName: "shop", SystemDBPool: w.pool, DatabaseURL: os.Getenv(dsnVariable),
		Logger: slog.Default(), ExecutorID: w.executor,
		ApplicationVersion: cmp.Or(os.Getenv(versionVariable), "1"),
	})
	if err != nil {
		return nil, err
	}
	runtime, err := internals.RuntimeOf(engine)
	w.made <- runtime
	return engine, err
}

// Run is part of lab.Runner. With a lease the worker takes over from others, too.
func (w *worker) Run(ctx context.Context) (err error) {
	if strings.HasPrefix(os.Getenv(dsnVariable), onSQLite) {
		return w.Service.Run(ctx)
	}
	config, err := pgxpool.ParseConfig(os.Getenv(dsnVariable))
	if err != nil {
		return err
	}
	config.ConnConfig.Tracer = w.strike
	// A worker that is stopped inside a transaction keeps its locks. The engine has the server
	// end such a transaction after a minute, but only on a pool that the engine has made.
	config.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = "2s"
	if w.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return err
	}
	lease := os.Getenv(leaseVariable)
	if lease == "" {
		return w.Service.Run(ctx)
	}
	ttl, err := time.ParseDuration(lease)
	if err != nil {
		return err
	}
	return w.runWithLease(ctx, ttl)
}

func (w *worker) runWithLease(ctx context.Context, ttl time.Duration) error {
	config, err := pgxpool.ParseConfig(os.Getenv(dsnVariable))
	if err != nil {
		return err
	}
	lease, err := takeover.Join(ctx, config, ttl)
	if err != nil {
		return fmt.Errorf("join the workers: %w", err)
	}
	w.executor = lease.ID
	all, running := errgroup.WithContext(ctx)
	all.Go(func() error { return w.Service.Run(running) })
	all.Go(func() error { return lease.Renew(running) })
	all.Go(func() error { return lease.TakeOver(running, w.made) })
	return errors.Join(all.Wait(), lease.Leave(context.WithoutCancel(ctx)))
}
