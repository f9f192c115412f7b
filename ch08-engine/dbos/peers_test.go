package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/load"
	"example.com/dtx/lab/readme"
	"example.com/dtx/lab/source"
)

const (
	peersFile = "peers.json" // what BenchmarkPeers has measured: a table of the course's README
	peerTurns = 5            // how often each load is driven; the loads take turns
	accounts  = 1000         // customers, slots and items that the orders are spread over
)

// twoOnEngine is the peer with which the others are compared: the durable workflows of two
// calls that benchmarks of engines measure.
const twoOnEngine = "engine on SQLite, two calls"

// peer is a way to carry out orders that take from stock, payment and delivery.
type peer struct {
	what  string
	drive func(t testing.TB) load.Load
}

// peers are the course's protocols, and the engine.
func (b *bench) peers(t testing.TB) []peer {
	t.Helper()
	build := func(chapter string) string {
		program, remove, err := source.Build(t.Context(), chapter)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, remove()) })
		return program
	}
	const (
		openSagas = "SELECT id FROM sagas WHERE state NOT IN ('done', 'compensated')"
		untold    = "SELECT id FROM decisions WHERE waiting <> ''"
		prepared  = "SELECT id FROM branches WHERE state = 'prepared'"
		unended   = "SELECT id FROM transactions WHERE waiting <> ''"
	)
	own := func(role, version, program, order, participant string) func(testing.TB) load.Load {
		services := []lab.Service{{Name: "order", Version: version}}
		for _, name := range []string{"stock", "payment", "delivery"} {
			services = append(services, lab.Service{Name: name})
		}
		for i := range services {
			services[i].Program, services[i].Schema = program, lab.SchemaOfItsProgram
			services[i].Queries.Stuck = participant
		}
		services[0].Queries.Stuck = order
		return func(testing.TB) load.Load {
			return loadOf(lab.Variant{Name: role, Services: services}, "")
		}
	}
	onEngine := func(
		dsn string, stuck func(context.Context) (lab.Ledger, error), environ ...string,
	) load.Load {
		v := engine(dsn, b.program, environ...)
		v.Services[0].Ledger = stuck
		return loadOf(v, "tea") // its price is in the program
	}
	onFile := func(environ ...string) func(testing.TB) load.Load {
		return func(t testing.TB) load.Load {
			file := filepath.Join(t.TempDir(), "engine.db")
			return onEngine(onSQLite+file, pendingIn(file), environ...)
		}
	}
	return []peer{
		{"bare calls", own("orchestrated", "bare", b.program, "", "")},
		{"saga", own("orchestrated", "", b.program, openSagas, "")},
		{"two-phase commit", own("rows", "", build("ch05-2pc"), untold, prepared)},
		{"TCC", own("barrier", "", build("ch06-tcc"), unended, "")},
		{"engine on SQLite", onFile()},
		{"engine on PostgreSQL", func(t testing.TB) load.Load {
			dsn := b.database(t, empty)
			return onEngine(dsn, pending(dsn))
		}},
		{"saga of two calls", own("orchestrated", "two steps", b.program, openSagas, "")},
		{twoOnEngine, onFile(twoVariable + "=1")},
	}
}

// loadOf has all services collect garbage alike. Its orders meet seldom; item is the one
// that all want, if it is not empty.
func loadOf(v lab.Variant, item string) load.Load {
	v.Environ = append(v.Environ, "GOGC=400")
	seed := map[string]string{}
	for _, s := range v.Services {
		seed[s.Name] = seedOf(v.Name, s.Name)
	}
	return load.Load{Variant: v, Seed: seed, Order: func(i int) lab.Order {
		name := fmt.Sprintf("account-%d", i%accounts)
		o := lab.Order{
			Key: fmt.Sprintf("order-%d", i), Customer: name, Item: name, Quantity: 1, Slot: name,
		}
		if item != "" {
			o.Item = item
		}
		return o
	}}
}

// seedOf returns statements that make accounts that last for any load. They also make the
// write-ahead log as long as it may become: while it grows, each commit costs more.
func seedOf(variant, service string) string {
	table, columns := "accounts (name, amount)", "1000000000"
	if variant == "barrier" {
		table = "accounts (name, available)"
	}
	if service == "order" {
		table, columns = "prices", "1"
	}
	enough := ""
	if variant == "orchestrated" && service != "order" {
		enough = "UPDATE accounts SET amount = 1000000000;"
	}
	return enough + fmt.Sprintf(`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n
			WHERE i < %d) INSERT INTO %s SELECT 'account-' || i, %s FROM n;
		CREATE TABLE filler (bytes BLOB); INSERT INTO filler VALUES (zeroblob(6000000));
		DROP TABLE filler;`, accounts-1, table, columns)
}

// pendingIn lists the workflows in the engine's file that have not ended.
func pendingIn(file string) func(context.Context) (lab.Ledger, error) {
	return func(ctx context.Context) (l lab.Ledger, err error) {
		db, err := sql.Open("sqlite", "file:"+file+"?mode=ro&_pragma=busy_timeout(5000)")
		if err != nil {
			return l, err
		}
		defer func() { err = errors.Join(err, db.Close()) }()
		rows, err := db.QueryContext(ctx, `SELECT workflow_uuid FROM workflow_status
			WHERE status NOT IN ('SUCCESS', 'ERROR')`)
		if err != nil {
			return l, err
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				return l, err
			}
			l.Stuck = append(l.Stuck, id)
		}
		return l, rows.Err()
	}
}

// peerRow is a line of the table. The times are in ms, the processor's in µs an order.
type peerRow struct {
	Clients                             int
	What                                string
	PerSecond, P50, P99                 float64
	Processor, Forced, ToBare, ToEngine float64
}

// BenchmarkPeers drives them all in turn. With UPDATE=1 it saves the runs in the middle for
// the course's README.
func BenchmarkPeers(b *testing.B) {
	shop := newBench(b)
	machine, err := load.Measured(b.Context())
	require.NoError(b, err)
	saved := struct {
		Machine string
		Rows    []peerRow
	}{Machine: machine}
	list := shop.peers(b)
	two := slices.IndexFunc(list, func(p peer) bool { return p.what == twoOnEngine })
	for _, clients := range []int{1, 16, 64} {
		rates := make([][]load.Rate, len(list))
		for range peerTurns {
			for i, p := range list {
				rates[i] = append(rates[i], shop.carry(b, p, clients))
			}
		}
		for i, p := range list {
			row := rowOf(clients, p.what, rates[i], rates[0], rates[two])
			saved.Rows = append(saved.Rows, row)
			b.Run(fmt.Sprintf("clients=%d/%s", clients, p.what), func(b *testing.B) {
				b.ReportMetric(0, "ns/op") // there is nothing to repeat
				b.ReportMetric(row.PerSecond, "orders/s")
				b.ReportMetric(row.P50, "p50-ms")
				b.ReportMetric(row.P99, "p99-ms")
				b.ReportMetric(row.Processor, "cpu-µs/order")
				b.ReportMetric(row.Forced, "fsyncs/order")
				b.ReportMetric(row.ToBare, "÷bare")
				b.ReportMetric(row.ToEngine, "÷engine")
			})
		}
	}
	readme.SaveMeasured(b, peersFile, saved)
}

// carry drives a load once.
func (b *bench) carry(t testing.TB, p peer, clients int) load.Rate {
	t.Helper()
	l := p.drive(t)
	l.Clients, l.Orders = clients, 60+6*clients
	before := b.flushes(t)
	rate, err := l.Drive(t.Context())
	require.NoError(t, err, p.what)
	require.Empty(t, rate.Other, "%s: answers other than 201", p.what)
	warm := float64(l.Orders) / float64(l.Orders+load.WarmUp*clients)
	rate.ForcedBy[server] = int64(float64(b.flushes(t)-before) * warm)
	return rate
}

func rowOf(clients int, what string, rates, bare, engine []load.Rate) peerRow {
	m := load.Median(rates)
	orders := float64(m.Orders)
	ms := func(us int64) float64 { return float64(us) / 1000 }
	return peerRow{
		Clients: clients, What: what, PerSecond: m.PerSecond(),
		P50: ms(m.P50.Microseconds()), P99: ms(m.P99.Microseconds()),
		Processor: float64(m.Processor.Microseconds()) / orders,
		Forced:    float64(m.Forced()) / orders,
		ToBare:    load.Ratio(rates, bare), ToEngine: load.Ratio(rates, engine),
	}
}
