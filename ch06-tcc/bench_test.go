package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/load"
	"example.com/dtx/lab/readme"
)

// turns is how often each load is driven; the loads take turns.
const turns = 3

// BenchmarkOrders drives the four protocols, with orders that seldom meet and with
// orders that all want the same rows, and shows the run in the middle of each. With
// UPDATE=1 the run is saved, for the page that compares them.
func BenchmarkOrders(b *testing.B) {
	list, remove, err := built(b.Context())
	require.NoError(b, err)
	defer func() { require.NoError(b, remove()) }()
	var s saved
	s.Machine, err = load.Measured(b.Context())
	require.NoError(b, err)
	loads := []int{1, 16, 64}
	for _, clients := range loads {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			runs, err := drive(b.Context(), list, turns, clients, 200+20*clients)
			require.NoError(b, err)
			for _, r := range runs {
				row := rowOf(clients, r)
				s.Rows = append(s.Rows, row)
				b.Run(r.Protocol+"/"+r.Orders, func(b *testing.B) {
					report(b, row, load.Ratio(r.Rates, runs[0].Rates))
				})
			}
		})
	}
	if len(s.Rows) == len(loads)*len(list)*2 { // all have run
		readme.SaveMeasured(b, savedFile, s)
	}
}

// report shows what was measured before: there is nothing to repeat.
func report(b *testing.B, r measuredRow, ratio float64) {
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(r.PerSecond, "orders/s")
	b.ReportMetric(r.P50, "p50-ms")
	b.ReportMetric(r.P99, "p99-ms")
	b.ReportMetric(r.Forced, "fsyncs/order")
	b.ReportMetric(r.NotDone, "not-done/order")
	b.ReportMetric(ratio, "÷saga")
}
