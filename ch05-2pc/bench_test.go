package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
)

// turns is how often each load is driven; the loads take turns.
const turns = 3

// BenchmarkOrders drives two-phase commit and chapter 4's saga, with orders that
// seldom meet and with orders that all want the same rows, and shows the run in
// the middle of each.
func BenchmarkOrders(b *testing.B) {
	program, remove, err := lab.Build(b.Context(), "ch04-saga")
	require.NoError(b, err)
	defer func() { require.NoError(b, remove()) }()
	for _, clients := range []int{1, 16, 64} {
		orders := 300 + 30*clients
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			rates, err := lab.Interleave(b.Context(), turns,
				saga(program, clients, orders), apart(clients, orders), sagaTogether(program, clients, orders), together(clients, orders))
			require.NoError(b, err)
			for i, name := range []string{"saga/apart", "2pc/apart", "saga/same-rows", "2pc/same-rows"} {
				b.Run(name, func(b *testing.B) { report(b, rates[i], rates[0]) })
			}
		})
	}
	b.Run("disk", func(b *testing.B) {
		perSecond, err := lab.Fsyncs(b.Context(), 1000)
		require.NoError(b, err)
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(perSecond, "fsyncs/s")
	})
}

// report shows what was measured before: there is nothing to repeat.
func report(b *testing.B, rates, saga []lab.Rate) {
	r := lab.Median(rates)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(r.PerSecond(), "orders/s")
	b.ReportMetric(float64(r.P50.Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(r.P99.Microseconds())/1000, "p99-ms")
	b.ReportMetric(perOrder(r), "fsyncs/order")
	b.ReportMetric(float64(r.Other[503])/float64(r.Orders), "not-done/order")
	b.ReportMetric(lab.Ratio(rates, saga), "÷saga")
}
