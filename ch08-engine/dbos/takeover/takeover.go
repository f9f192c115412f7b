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
	"log/slog"
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
		id text PRIMARY KEY,
		since timestamptz NOT NULL DEFAULT clock_timestamp(), -- renewed without a gap
		renewed timestamptz NOT NULL DEFAULT clock_timestamp())`
	renewal = `UPDATE workers SET renewed = clock_timestamp(), since =
		CASE WHEN renewed < clock_timestamp() - $2::interval THEN clock_timestamp() ELSE since END
		WHERE id = $1`
	// bury ends the leases of the dead. After an outage all have expired. So a worker judges the
	// others only when it has renewed its own for as long as a lease lasts.
	bury = `DELETE FROM workers WHERE renewed < clock_timestamp() - $2::interval AND EXISTS
		(SELECT FROM workers WHERE id = $1 AND since < clock_timestamp() - $2::interval)`
	// dead are those with orders and no lease: a worker has its lease before it has an order.
	dead = `SELECT array_agg(DISTINCT executor_id) FROM dbos.workflow_status
		WHERE status = 'PENDING' AND executor_id NOT IN (SELECT id FROM workers)`
	alone = 8 // the key of the lock that one worker at a time takes over under
)

// Engine resumes the orders of the workers with these names: an internals.Runtime of DBOS.
type Engine interface {
	RecoverPendingWorkflows(names []string) ([]dbos.WorkflowHandle[any], error)
}

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
	config.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] =
		fmt.Sprint(ttl.Milliseconds())
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
			_, err = tx.Exec(ctx, "INSERT INTO workers (id) VALUES ($1)", w.ID)
		}
		return err
	})
	if err != nil {
		pool.Close()
		return nil, err
	}
	return w, nil
}

// Leave ends the lease, so that others need not wait until it expires. It takes no longer
// than that.
func (w *Worker) Leave(ctx context.Context) error {
	defer w.pool.Close()
	ctx, cancel := context.WithTimeout(ctx, w.ttl)
	defer cancel()
	_, err := w.pool.Exec(ctx, "DELETE FROM workers WHERE id = $1", w.ID)
	return err
}

// Renew renews the lease until ctx is done. The error is ErrLost if the lease is lost.
// While the database is away it tries again.
func (w *Worker) Renew(ctx context.Context) error {
	return w.often(ctx, func() error { return w.renew(ctx) })
}

func (w *Worker) renew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, w.ttl/2) // a connection may be dead and silent
	defer cancel()
	done, err := w.pool.Exec(ctx, renewal, w.ID, w.ttl)
	if err == nil && done.RowsAffected() == 0 {
		return ErrLost
	}
	return nil
}

// TakeOver takes over from the dead until ctx is done, as soon as the engine is made.
func (w *Worker) TakeOver(ctx context.Context, made <-chan Engine) error {
	select {
	case <-ctx.Done():
		return nil
	case engine := <-made:
		return w.often(ctx, func() error {
			if err := w.takeOver(ctx, engine); err != nil && ctx.Err() == nil {
				slog.WarnContext(ctx, "the take-over will be tried again", "error", err)
			}
			return nil
		})
	}
}

// often does work five times in a lease, until it fails or ctx is done.
func (w *Worker) often(ctx context.Context, work func() error) error {
	tick := time.NewTicker(w.ttl / 5)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := work(); err != nil {
			return err
		}
	}
}

// takeOver resumes the orders of all workers without a lease. It names the dead, and not
// their orders: when it comes late, an order may have a new worker, but that has a new name.
func (w *Worker) takeOver(ctx context.Context, engine Engine) error {
	return pgx.BeginFunc(ctx, w.pool, func(tx pgx.Tx) error {
		var first bool
		err := tx.QueryRow(ctx, "SELECT pg_try_advisory_xact_lock($1)", alone).Scan(&first)
		if err != nil || !first {
			return err
		}
		if _, err := tx.Exec(ctx, bury, w.ID, w.ttl); err != nil {
			return err
		}
		var names []string
		if err := tx.QueryRow(ctx, dead).Scan(&names); err != nil || names == nil {
			return err
		}
		_, err = engine.RecoverPendingWorkflows(names)
		return err
	})
}
