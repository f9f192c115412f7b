package main

import (
	"encoding/json"
	"fmt"
	"os"
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
	if os.Getenv("UPDATE") == "" {
		return
	}
	machine, err := load.Measured(b.Context())
	require.NoError(b, err)
	text, err := json.MarshalIndent(savedLoad{machine, rows}, "", "\t")
	require.NoError(b, err)
	require.NoError(b, os.WriteFile(loadFile, append(text, '\n'), 0o644))
}

// loadTable is the load that was saved.
func loadTable(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(loadFile)
	require.NoError(t, err)
	var s savedLoad
	require.NoError(t, json.Unmarshal(text, &s))
	return fmt.Sprintf("%s\n(%s)\n", readme.Markdown(s.Rows), s.Machine)
}
