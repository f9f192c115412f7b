package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/load"
	"example.com/dtx/lab/readme"
)

// loadFile is the load that BenchmarkOrders has saved.
const loadFile = "figures/load.json"

type savedLoad struct {
	Machine string
	Rows    [][]string
}

// BenchmarkOrders drives the broker and the saga over HTTP in turn. With UPDATE=1 it saves
// the runs in the middle for the lesson.
func BenchmarkOrders(b *testing.B) {
	rows, err := loadRows(b.Context(), 3)
	require.NoError(b, err)
	b.Log("\n" + readme.Markdown(rows))
	machine, err := load.Measured(b.Context())
	require.NoError(b, err)
	readme.SaveMeasured(b, loadFile, savedLoad{machine, rows})
}

// loadTable is the load that was saved.
func loadTable(t *testing.T) string {
	t.Helper()
	s := readme.Measured[savedLoad](t, loadFile)
	return fmt.Sprintf("%s\n(%s)\n", readme.Markdown(s.Rows), s.Machine)
}
