package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
)

// turns is how often each load is driven; the loads take turns.
const turns = 3

// BenchmarkOrders drives two-phase commit and chapter 4's saga, with orders that
// seldom meet and with orders that all want the same rows, and shows the run in
// the middle of each. With UPDATE=1 the run is saved, for the page that compares
// the two.
func BenchmarkOrders(b *testing.B) {
	program, remove, err := lab.Build(b.Context(), "ch04-saga")
	require.NoError(b, err)
	defer func() { require.NoError(b, remove()) }()
	disk, err := lab.Fsyncs(b.Context(), 1000)
	require.NoError(b, err)
	s := saved{Machine: fmt.Sprintf("measured on %d processors, %s, whose disk forces %.0f writes a second one after the other", runtime.NumCPU(), runtime.GOOS, disk)}
	for _, clients := range []int{1, 16, 64} {
		orders := 200 + 20*clients
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			rates, err := lab.Interleave(b.Context(), turns,
				saga(program, clients, orders), apart(clients, orders), sagaTogether(program, clients, orders), together(clients, orders))
			require.NoError(b, err)
			for i, load := range []struct{ orders, protocol string }{
				{"apart", "saga"}, {"apart", "two-phase commit"}, {"same rows", "saga"}, {"same rows", "two-phase commit"},
			} {
				b.Run(load.protocol+"/"+load.orders, func(b *testing.B) { report(b, rates[i], rates[0]) })
				s.add(clients, load.orders, load.protocol, lab.Median(rates[i]))
			}
		})
	}
	b.Run("disk", func(b *testing.B) {
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(disk, "fsyncs/s")
	})
	if os.Getenv("UPDATE") != "" && len(s.Rows) == 12 {
		text, err := json.MarshalIndent(s, "", "\t")
		require.NoError(b, err)
		require.NoError(b, os.WriteFile(savedFile, append(text, '\n'), 0o644))
	}
}

func (s *saved) add(clients int, orders, protocol string, r lab.Rate) {
	s.Rows = append(s.Rows, savedRow{
		clients, orders, protocol, r.PerSecond(), float64(r.P50.Microseconds()) / 1000, float64(r.P99.Microseconds()) / 1000,
		perOrder(r), float64(r.Other[503]) / float64(r.Orders),
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
