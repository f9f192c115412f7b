//go:build unix

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/real"
)

// TestPostgresIsKilled has the worker stop at a point. Then PostgreSQL is killed and
// started again, and the worker goes on.
func TestPostgresIsKilled(t *testing.T) {
	b := newBench(t)
	points := []string{
		"stop before INSERT workflow_status #1",
		"stop before COMMIT after INSERT workflow_input #1",
		"stop after POST delivery/book #1",
		"stop before COMMIT after INSERT operation_outputs #3",
		"stop after COMMIT after INSERT operation_outputs #4",
		"stop before COMMIT after INSERT workflow_output #1",
	}
	if testing.Short() {
		points = points[2:3]
	}
	s := scenarios()[0]
	for _, f := range points {
		t.Run(f, func(t *testing.T) {
			trace := filepath.Join(t.TempDir(), "trace")
			c, err := real.Start(t.Context(), engine(b.database(t, empty), b.program,
				traceVariable+"="+trace, strikeVariable+"="+f), real.Options{})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, c.Close()) })
			before, err := c.Ledger(t.Context())
			require.NoError(t, err)
			told := make(chan []lab.Answer)
			go func() { told <- c.Place(t.Context(), s.Orders[0], 9) }()
			await(t, "the worker comes to the point", func() bool {
				text, _ := os.ReadFile(trace) // none yet
				return slices.Contains(strings.Split(string(text), "\n"), struck)
			})
			require.NoError(t, b.server.Kill())
			require.NoError(t, b.server.Start(t.Context()))
			require.NoError(t, syscall.Kill(c.Processes()[0].PID, syscall.SIGCONT))
			answers := <-told
			require.NoError(t, c.Settle(t.Context()))
			after, err := c.Ledger(t.Context())
			require.NoError(t, err)
			require.Empty(t, chapter().Judge(s, before, after, answers, nil), answers)
			require.True(t, answers[len(answers)-1].Confirmed(), answers)
		})
	}
}
