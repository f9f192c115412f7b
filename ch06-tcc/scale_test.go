package main

import (
	"fmt"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/load"
)

// old are statements that give a service's database finished orders, numbered by a table n.
func old(protocol, service string) string {
	name := map[string]string{"stock": "tea", "payment": "ada", "delivery": "mon-am"}[service]
	switch {
	case protocol == "saga" && service == "order":
		return `INSERT INTO orders SELECT 'old-' || i, 'ada', 'tea', 1, 'mon-am', 500 FROM n;
			INSERT INTO sagas (id, began, steps, state, open)
			SELECT 'old-' || i, i, printf('[%.400c]', ' '), 'done', 0 FROM n;`
	case protocol == "saga":
		return `INSERT INTO steps
			SELECT 'old-' || i, 'take', '` + name + `', 1, 'done', '' FROM n;`
	case service == "order":
		return `INSERT INTO orders
			SELECT 'old-' || i, 'ada', 'tea', 1, 'mon-am', 500, '', '' FROM n;
			INSERT INTO decisions (order_id, id, waiting)
			SELECT 'old-' || i, 'old-' || i || '.1.' || i, '' FROM n;`
	default:
		return `INSERT INTO branches SELECT 'old-' || i || '.1.' || i, 'old-' || i,
			'` + name + `', 1, 'committed', 1 FROM n;`
	}
}

// BenchmarkScale drives the saga and two-phase commit with no and with a hundred thousand
// finished orders in every database.
func BenchmarkScale(b *testing.B) {
	list, remove, err := built(b.Context())
	require.NoError(b, err)
	defer func() { require.NoError(b, remove()) }()
	var names []string
	var loads []load.Load
	for _, r := range list[:2] {
		for _, finished := range []int{0, 100_000} {
			l := r.Load
			l.Clients, l.Orders, l.Order = 16, 800, orderOver(spread)
			l.Seed = maps.Clone(l.Seed)
			for service, seed := range l.Seed {
				l.Seed[service] = seed + fmt.Sprintf(`CREATE TABLE n AS
					WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
					SELECT i FROM n WHERE %d;`, finished, finished) +
					old(r.Name, service) + "DROP TABLE n;"
			}
			names = append(names, fmt.Sprintf("%s/finished=%d", r.Name, finished))
			loads = append(loads, l)
		}
	}
	rates, err := load.Interleave(b.Context(), turns, loads...)
	require.NoError(b, err)
	for i, name := range names {
		b.Run(name, func(b *testing.B) {
			r := load.Median(rates[i])
			require.Empty(b, r.Other, "answers other than 201")
			b.ReportMetric(0, "ns/op") // there is nothing to repeat
			b.ReportMetric(r.PerSecond(), "orders/s")
			b.ReportMetric(float64(r.P99.Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(r.Processor.Microseconds())/float64(r.Orders), "cpu-µs/order")
			b.ReportMetric(load.Ratio(rates[i], rates[i/2*2]), "÷none")
		})
	}
}
