package main

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/load"
	"example.com/dtx/lab/readme"
)

const (
	scaleFile = "scale.json" // what BenchmarkOrders has measured
	finished  = 100_000      // orders that an old database has
	turns     = 3            // how often each load is driven; the loads take turns
)

// scale is what was measured, and where.
type scale struct {
	Machine string
	Rows    []scaleRow
	Old     string // what an order keeps in an old database
}

// scaleRow is one load. P50 and P99 are in ms; the forced writes are an order's.
type scaleRow struct {
	Clients              int
	What                 string
	PerSecond, P50, P99  float64
	Engine, Participants float64
}

// driven is a load in its runs.
type driven struct {
	what  string
	load  func(dsn string) load.Load
	old   bool // there are finished orders in the engine's database
	rates []load.Rate
}

// server is PostgreSQL beside the services whose forced writes a rate counts. Unlike those, it
// is counted from the first order on, those that warm up included.
const server = "PostgreSQL"

// BenchmarkOrders drives one, two and four workers, one worker with many finished orders,
// and chapter 4's saga. With UPDATE=1 it saves the runs in the middle for the lesson.
func BenchmarkOrders(b *testing.B) {
	shop := newBench(b)
	kept := shop.age(b)
	machine, err := load.Measured(b.Context())
	require.NoError(b, err)
	s := scale{Machine: machine, Old: kept}
	for _, clients := range []int{1, 32} {
		list := []*driven{
			{what: "saga of chapter 4", load: shop.saga},
			{what: "1 worker", load: shop.workers(1)},
			{what: "2 workers", load: shop.workers(2)},
			{what: "4 workers", load: shop.workers(4)},
			{what: "1 worker, 32 connections", load: func(dsn string) load.Load {
				l := shop.workers(1)(dsn + " pool_max_conns=32")
				l.Variant.Services[0].Ledger = pending(dsn) // by one connection
				return l
			}},
			{what: "1 worker, 100,000 finished orders", load: shop.workers(1), old: true},
		}
		for range turns {
			for _, d := range list {
				shop.drive(b, d, clients)
			}
		}
		for _, d := range list {
			row := d.row(clients)
			s.Rows = append(s.Rows, row)
			b.Run(fmt.Sprintf("clients=%d/%s", clients, d.what), func(b *testing.B) {
				b.ReportMetric(0, "ns/op") // there is nothing to repeat
				b.ReportMetric(row.PerSecond, "orders/s")
				b.ReportMetric(row.P99, "p99-ms")
				b.ReportMetric(row.Engine+row.Participants, "fsyncs/order")
				b.ReportMetric(load.Ratio(d.rates, list[0].rates), "÷saga")
			})
		}
	}
	readme.SaveMeasured(b, scaleFile, s)
}

// drive drives a load once, on a database of its own.
func (b *bench) drive(t testing.TB, d *driven, clients int) {
	t.Helper()
	template := empty
	if d.old {
		template = old
	}
	l := d.load(b.database(t, template))
	l.Clients, l.Orders = clients, 100+20*clients
	before := b.flushes(t)
	rate, err := l.Drive(t.Context())
	require.NoError(t, err)
	require.Empty(t, rate.Other, "%s: answers other than 201", d.what)
	rate.ForcedBy[server] = b.flushes(t) - before
	d.rates = append(d.rates, rate)
}

// flushes counts how often PostgreSQL has forced its log. A backend reports its own when it
// ends, or when it is idle.
func (b *bench) flushes(t testing.TB) (n int64) {
	t.Helper()
	require.NoError(t, b.db.QueryRow("SELECT wal_sync FROM pg_stat_wal").Scan(&n))
	return n
}

// old is the database with the finished orders, for others to be made of.
const old = "old"

// age copies an order that went through until the database has many, and says how much it
// keeps of each.
func (b *bench) age(t testing.TB) string {
	t.Helper()
	ctx := t.Context()
	_, err := b.db.ExecContext(ctx, "CREATE DATABASE "+old+" TEMPLATE "+empty)
	require.NoError(t, err)
	l := b.workers(1)(b.dsn(old))
	l.Clients, l.Orders = 1, 1
	l.Order = func(i int) lab.Order { return keyed("aged", i) } // no load's order is known
	_, err = l.Drive(ctx)
	require.NoError(t, err)
	db, err := pgx.Connect(ctx, b.dsn(old))
	require.NoError(t, err)
	defer db.Close(context.WithoutCancel(ctx)) // else it can be no template
	rows, err := db.Query(ctx, `SELECT table_name FROM information_schema.columns
		WHERE table_schema = 'dbos' AND column_name = 'workflow_uuid'`)
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Contains(t, tables, "workflow_status")
	var before, after int64
	const size = "SELECT pg_database_size(current_database())"
	require.NoError(t, db.QueryRow(ctx, size).Scan(&before))
	copied := func(table string) {
		_, err := db.Exec(ctx, fmt.Sprintf(`INSERT INTO dbos.%s SELECT (jsonb_populate_record(
			one, jsonb_build_object('workflow_uuid', 'old-' || n))).* FROM dbos.%s one,
			generate_series(1, %d) n WHERE workflow_uuid = 'aged-0'`, table, table, finished))
		require.NoError(t, err, table)
	}
	copied("workflow_status") // the others refer to it
	for _, table := range tables {
		if table != "workflow_status" {
			copied(table)
		}
	}
	_, err = db.Exec(ctx, "VACUUM ANALYZE")
	require.NoError(t, err)
	require.NoError(t, db.QueryRow(ctx, size).Scan(&after))
	return fmt.Sprintf("%.1f kB", float64(after-before)/finished/1000)
}

// saga is chapter 4's saga.
func (b *bench) saga(string) load.Load {
	l := b.workers(1)("")
	l.Variant.Environ = nil
	order := participant(b.program, "order", "", "")
	order.Queries = lab.Queries{
		Stuck: "SELECT id FROM sagas WHERE state NOT IN ('done', 'compensated')",
	}
	l.Variant.Services[0] = order
	return l
}

// workers is a load on so many workers.
func (b *bench) workers(n int) func(dsn string) load.Load {
	return func(dsn string) load.Load {
		v := workers(n, engine(dsn, b.program), "1m")
		v.Services[0].Ledger = pending(dsn)
		enough := "UPDATE accounts SET amount = 1000000000;"
		seed := map[string]string{"stock": enough, "payment": enough, "delivery": enough}
		order := func(i int) lab.Order { return keyed("order", i) }
		return load.Load{Variant: v, Takers: n, Order: order, Seed: seed}
	}
}

func keyed(name string, i int) lab.Order {
	o := tea()
	o.Key = fmt.Sprintf("%s-%d", name, i)
	return o
}

// pending lists the workflows that have not ended.
func pending(dsn string) func(context.Context) (lab.Ledger, error) {
	return func(ctx context.Context) (l lab.Ledger, err error) {
		db, err := pgx.Connect(ctx, dsn)
		if err != nil {
			return l, err
		}
		defer db.Close(context.WithoutCancel(ctx))
		rows, err := db.Query(ctx, `SELECT workflow_uuid FROM dbos.workflow_status
			WHERE status NOT IN ('SUCCESS', 'ERROR')`)
		if err != nil {
			return l, err
		}
		l.Stuck, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return l, err
	}
}

// row is the run in the middle.
func (d *driven) row(clients int) scaleRow {
	m := load.Median(d.rates)
	flushed := m.ForcedBy[server]
	ms := func(us int64) float64 { return float64(us) / 1000 }
	return scaleRow{
		Clients: clients, What: d.what, PerSecond: m.PerSecond(),
		P50: ms(m.P50.Microseconds()), P99: ms(m.P99.Microseconds()),
		Engine:       float64(flushed) / float64(m.Orders+load.WarmUp*clients),
		Participants: float64(m.Forced()-flushed) / float64(m.Orders),
	}
}
