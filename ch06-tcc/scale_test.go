package main

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/load"
	"example.com/dtx/lab/real"
)

// old are statements that give a service's database finished orders, numbered by a table n.
func old(protocol, service string) string {
	name := map[string]string{"stock": "tea", "payment": "ada", "delivery": "mon-am"}[service]
	switch {
	case protocol == "saga" && service == "order":
		return `INSERT INTO orders
			SELECT printf('old-%07d', i), 'ada', 'tea', 1, 'mon-am', 500 FROM n;
			INSERT INTO sagas (id, began, steps, state, open)
			SELECT printf('old-%07d', i), i, printf('[%.400c]', ' '), 'done', 0 FROM n;`
	case protocol == "saga":
		return `INSERT INTO steps
			SELECT printf('old-%07d', i), 'take', '` + name + `', 1, 'done', '' FROM n;`
	case service == "order":
		return `INSERT INTO orders
			SELECT printf('old-%07d', i), 'ada', 'tea', 1, 'mon-am', 500, '', '' FROM n;
			INSERT INTO decisions (order_id, id, waiting)
			SELECT printf('old-%07d', i), printf('old-%07d.1.%d', i, i), '' FROM n;`
	default:
		return `INSERT INTO branches SELECT printf('old-%07d.1.%d', i, i), printf('old-%07d', i),
			'` + name + `', 1, 'committed', 1 FROM n;`
	}
}

// aged are the saga and two-phase commit with no, a hundred thousand and a million finished
// orders in every database.
func aged(list []rival) (names []string, finished []int, loads []load.Load) {
	for _, r := range list[:2] {
		for _, n := range []int{0, 100_000, 1_000_000} {
			l := r.Load
			l.Clients, l.Orders, l.Order = 16, 800, orderOver(spread)
			l.Seed = maps.Clone(l.Seed)
			for service, seed := range l.Seed {
				l.Seed[service] = seed + fmt.Sprintf(`CREATE TABLE n AS
					WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
					SELECT i FROM n WHERE %d;`, n, n) +
					old(r.Name, service) + "DROP TABLE n;"
			}
			names = append(names, fmt.Sprintf("%s/finished=%d", r.Name, n))
			finished, loads = append(finished, n), append(loads, l)
		}
	}
	return names, finished, loads
}

// BenchmarkScale drives the aged loads, and compares each with the same protocol on new databases.
func BenchmarkScale(b *testing.B) {
	list, remove, err := built(b.Context())
	require.NoError(b, err)
	defer func() { require.NoError(b, remove()) }()
	names, finished, loads := aged(list)
	rates, err := load.Interleave(b.Context(), turns, loads...)
	require.NoError(b, err)
	none := 0
	for i, name := range names {
		if finished[i] == 0 {
			none = i
		}
		b.Run(name, func(b *testing.B) {
			r := load.Median(rates[i])
			require.Empty(b, r.Other, "answers other than 201")
			b.ReportMetric(0, "ns/op") // there is nothing to repeat
			b.ReportMetric(r.PerSecond(), "orders/s")
			b.ReportMetric(float64(r.P99.Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(r.Processor.Microseconds())/float64(r.Orders), "cpu-µs/order")
			b.ReportMetric(load.Ratio(rates[i], rates[none]), "÷none")
		})
	}
}

// BenchmarkStart kills each service and starts it again on its database.
func BenchmarkStart(b *testing.B) {
	list, remove, err := built(b.Context())
	require.NoError(b, err)
	defer func() { require.NoError(b, remove()) }()
	names, finished, loads := aged(list)
	for i, name := range names {
		b.Run(name, func(b *testing.B) {
			v := loads[i].Variant
			v.Services = slices.Clone(v.Services)
			for i, s := range v.Services { // an audit would list every order that is finished
				v.Services[i].Queries = lab.Queries{Balances: fmt.Sprintf(
					`SELECT '%s', 'bytes', page_count * page_size
					FROM pragma_page_count(), pragma_page_size()`, s.Name)}
			}
			c, err := real.Start(b.Context(), v, real.Options{
				Program: loads[i].Program, Seed: loads[i].Seed, StayDown: true,
			})
			require.NoError(b, err)
			for range 2 { // the first time they clear the write-ahead log of the finished orders
				for _, s := range v.Services {
					require.NoError(b, c.Kill(s.Name))
					require.NoError(b, c.Revive(s.Name))
				}
			}
			files, err := c.Ledger(b.Context())
			require.NoError(b, err)
			var started time.Duration
			for _, p := range c.Processes() { // those that run
				started = max(started, p.Startup)
			}
			require.NoError(b, c.Close())
			var memory, bytes int64
			for _, p := range c.Processes() {
				memory = max(memory, p.Usage.Memory)
			}
			for _, f := range files.Balances {
				bytes += f.Amount
			}
			b.ReportMetric(0, "ns/op") // there is nothing to repeat
			b.ReportMetric(float64(started.Milliseconds()), "slowest-start-ms")
			b.ReportMetric(float64(memory)/(1<<20), "largest-MiB")
			if finished[i] > 0 {
				b.ReportMetric(float64(bytes)/float64(finished[i]), "bytes/order")
			}
		})
	}
}
