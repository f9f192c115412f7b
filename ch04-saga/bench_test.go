package main

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/load"
	"example.com/dtx/lab/source"
)

// turns is how often each load is driven; the loads take turns.
const turns = 5

// BenchmarkOrders drives both sagas, the bare calls and chapter 1's monolith,
// and shows the run in the middle of each, and what it is of the bare calls.
func BenchmarkOrders(b *testing.B) {
	program, remove, err := source.Build(b.Context(), "ch01-overview")
	require.NoError(b, err)
	defer func() { require.NoError(b, remove()) }()
	for _, clients := range []int{1, 16, 64} {
		orders := 300 + 40*clients
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			rates, err := load.Interleave(b.Context(), turns,
				loadOf(bare(), clients, orders), loadOf(orchestrated(), clients, orders),
				loadOf(choreographed(), clients, orders), monolith(program, clients, orders))
			require.NoError(b, err)
			for i, name := range []string{"bare", "orchestrated", "choreographed", "monolith"} {
				b.Run(name, func(b *testing.B) { report(b, rates[i], rates[0], "÷bare") })
			}
		})
	}
	b.Run("disk", func(b *testing.B) {
		perSecond, err := load.Fsyncs(b.Context(), 1000)
		require.NoError(b, err)
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(perSecond, "fsyncs/s")
	})
}

// BenchmarkOutbox drives the choreographed saga while parked events wait in an outbox.
func BenchmarkOutbox(b *testing.B) {
	waiting := []int{0, 100_000, 1_000_000}
	var loads []load.Load
	for _, n := range waiting {
		l := loadOf(choreographed(), 16, 800)
		l.Seed = maps.Clone(l.Seed)
		l.Seed["order"] += fmt.Sprintf(`
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			INSERT INTO outbox (peer, event, saga, content, published, parked, due)
			SELECT 'stock', 'placed', 'old-' || i, '{}', 0, 'no_route', 1e15
			FROM n WHERE %d;`, n, n)
		l.Variant.Services = slices.Clone(l.Variant.Services)
		l.Variant.Services[0].Queries.Stuck += " WHERE parked = ''"
		loads = append(loads, l)
	}
	rates, err := load.Interleave(b.Context(), turns, loads...)
	require.NoError(b, err)
	for i, n := range waiting {
		b.Run(fmt.Sprintf("waiting=%d", n), func(b *testing.B) {
			report(b, rates[i], rates[0], "÷none")
		})
	}
}

// report shows what was measured before: there is nothing to repeat.
func report(b *testing.B, rates, others []load.Rate, quotient string) {
	for _, r := range rates {
		require.Empty(b, r.Other, "answers other than 201")
	}
	r := load.Median(rates)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(r.PerSecond(), "orders/s")
	b.ReportMetric(float64(r.P50.Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(r.P99.Microseconds())/1000, "p99-ms")
	b.ReportMetric(each(r), "fsyncs/order")
	b.ReportMetric(load.Ratio(rates, others), quotient)
}

// monolith is the load for the shop in one process of chapter 1.
func monolith(program string, clients, orders int) load.Load {
	l := loadOf(
		lab.Variant{Name: "monolith", Services: []lab.Service{{Name: "shop"}}},
		clients,
		orders,
	)
	l.Program = program
	l.Seed = map[string]string{
		"shop": "UPDATE items SET units = 1000000; " +
			"UPDATE customers SET cents = 1000000000; " +
			"UPDATE slots SET places = 1000000",
	}
	return l
}
