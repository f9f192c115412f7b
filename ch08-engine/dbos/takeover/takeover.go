// Package takeover lets a worker take over the orders of another worker that has died.
//
// The engine takes up an order only when a worker of the same name starts. Here each
// process has a name of its own, and a lease: a row that it renews. A worker whose lease
// has expired is taken for dead, and its orders are resumed by any other worker.
//
// A worker that is taken for dead may be alive. The engine refuses its records from then
// on. Its calls it cannot refuse: they meet the participants' memory.
package takeover

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/dbos-inc/dbos-transact-golang/dbos"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// ErrLost is returned when the worker was taken for dead: it has to begin anew, under
// another name.
var ErrLost = errors.New("the lease is lost")

const (
	schema = `CREATE TABLE IF NOT EXISTS workers (
		id text PRIMARY KEY, renewed timestamptz NOT NULL DEFAULT clock_timestamp())`
	alone = 8 // the key of the lock that one worker at a time takes over under
)

// Worker is a process that may take over.
type Worker struct {
	ID   string // its name for the engine, which no other process ever has
	pool *pgxpool.Pool
	ttl  time.Duration
}

// Join gives this process a name and a lease. The engine is launched afterwards.
//
// A process that is stopped in the middle of takeOver would keep the lock. So the server
// ends a transaction in which nothing happens for as long as a lease lasts.
func Join(ctx context.Context, config *pgxpool.Config, ttl time.Duration) (*Worker, error) {
	timeout := strconv.FormatInt(ttl.Milliseconds(), 10)
	config.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = timeout
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	w := &Worker{uuid.NewString(), pool, ttl}
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", alone)
		if err == nil {
			_, err = tx.Exec(ctx, schema)
		}
		if err == nil {
			_, err = tx.Exec(ctx, "INSERT INTO workers VALUES ($1)", w.ID)
		}
		return err
	})
	return w, err
}

// Leave ends the lease, so that others need not wait until it expires.
func (w *Worker) Leave(ctx context.Context) error {
	defer w.pool.Close()
	_, err := w.pool.Exec(ctx, "DELETE FROM workers WHERE id = $1", w.ID)
	return err
}

// Run renews the lease and takes over from the dead until ctx is done. The error is
// ErrLost if the lease is lost. While the database is away it tries again.
func (w *Worker) Run(ctx context.Context, engine dbos.Client) error {
	tick := time.NewTicker(w.ttl / 5)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		done, err := w.pool.Exec(ctx,
			"UPDATE workers SET renewed = clock_timestamp() WHERE id = $1", w.ID)
		if err == nil && done.RowsAffected() == 0 {
			return ErrLost
		}
		if err == nil {
			_ = w.takeOver(ctx, engine) // what it has not done, the next tick does
		}
	}
}

// takeOver resumes the orders of all workers without a lease.
func (w *Worker) takeOver(ctx context.Context, engine dbos.Client) error {
	return pgx.BeginFunc(ctx, w.pool, func(tx pgx.Tx) error {
		var first bool
		err := tx.QueryRow(ctx, "SELECT pg_try_advisory_xact_lock($1)", alone).Scan(&first)
		if err != nil || !first {
			return err
		}
		_, err = tx.Exec(ctx, `DELETE FROM workers
			WHERE renewed < clock_timestamp() - make_interval(secs => $1)`, w.ttl.Seconds())
		if err != nil {
			return err
		}
		orphans, err := w.orphans(ctx, tx, engine)
		if err != nil || len(orphans) == 0 {
			return err
		}
		_, err = dbos.ResumeWorkflows[any](engine, orphans)
		return err
	})
}

// orphans lists the orders under way whose worker has no lease. The leases are read last:
// a worker has its lease before it has an order.
func (w *Worker) orphans(ctx context.Context, tx pgx.Tx, engine dbos.Client) ([]string, error) {
	pending, err := dbos.ListWorkflows(engine,
		dbos.WithFilterStatus(dbos.WorkflowStatusPending), dbos.WithFilterLoadInput(false))
	if err != nil {
		return nil, fmt.Errorf("list the orders: %w", err)
	}
	rows, err := tx.Query(ctx, "SELECT id FROM workers")
	if err != nil {
		return nil, err
	}
	alive, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	var orphans []string
	for _, order := range pending {
		if !slices.Contains(alive, order.ExecutorID) {
			orphans = append(orphans, order.ID)
		}
	}
	return orphans, nil
}
