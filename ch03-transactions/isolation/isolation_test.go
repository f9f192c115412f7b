package isolation_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch03-transactions/isolation"
)

// row is what is expected of an anomaly, level by level.
type row struct {
	anomaly string
	want    []string
	why     string
}

func TestDatabases(t *testing.T) {
	t.Parallel()
	for _, p := range products() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			db, left := p.start(t)
			t.Run("every cell", func(t *testing.T) { everyCell(t, db, p) })
			t.Run("a deadlock ends with one of the two", func(t *testing.T) {
				deadlocked(t, db, p.deadlock)
			})
			if p.name != "SQLite" { // there no session waits
				t.Run("who waits for ever is given up", func(t *testing.T) { waitsForEver(t, db) })
			}
			t.Run("a mistake in a script is told with what was said before", func(t *testing.T) {
				mistaken(t, db)
			})
			t.Run("nothing is left", func(t *testing.T) { require.Zero(t, left(t)) })
		})
	}
}

func everyCell(t *testing.T, db isolation.Database, p product) {
	t.Helper()
	measured, err := isolation.Measure(t.Context(), db)
	require.NoError(t, err)
	require.Equal(t, p.levels, measured.Levels)
	require.Len(t, p.table, len(isolation.Scripts()), "a row for each anomaly")
	for _, row := range p.table {
		require.Len(t, row.want, len(p.levels), row.anomaly)
		for i, level := range p.levels {
			t.Run(row.anomaly+" at "+level, func(t *testing.T) {
				run, found := measured.Find(level, row.anomaly)
				require.True(t, found)
				require.Equal(t, row.want[i], run.Verdict(),
					"expected because: %s\n\n%s", row.why, run)
			})
		}
	}
	if !t.Failed() {
		requireShown(t, measured, p.table)
	}
}

// requireShown looks for the measurement in the table that a reader sees.
func requireShown(t *testing.T, measured isolation.Table, table []row) {
	t.Helper()
	require.Regexp(t, `^\d+(\.\d+)+$`, measured.Version)
	shown := measured.Markdown()
	require.Contains(t, shown, "| anomaly | "+strings.Join(measured.Levels, " | ")+" |\n|---|")
	for _, row := range table {
		require.Contains(t, shown, "|\n| "+row.anomaly+" | "+strings.Join(row.want, " | ")+" |\n")
	}
}

func TestAScriptIsToldAsATranscript(t *testing.T) {
	t.Parallel()
	db := isolation.SQLite(t.TempDir())
	run, err := isolation.Tell(t.Context(), db, "BEGIN", "lost update")
	require.NoError(t, err)
	require.Equal(t, [][]string{
		{"A", "B"},
		{"BEGIN", ""},
		{"", "BEGIN"},
		{"SELECT cents FROM accounts WHERE name = 'ada' → 1000", ""},
		{"", "SELECT cents FROM accounts WHERE name = 'ada' → 1000"},
		{"UPDATE accounts SET cents = 1000 - 100 WHERE name = 'ada'", ""},
		{"COMMIT", ""},
		{"", "UPDATE accounts SET cents = 1000 - 200 WHERE name = 'ada' ✗ SQLITE_BUSY_SNAPSHOT"},
		{"", "ROLLBACK"},
	}, run.Rows())
	require.Equal(t, "SELECT cents FROM accounts WHERE name = 'ada' → 900", run.Left)

	_, err = isolation.Tell(t.Context(), db, "BEGIN", "lost weekend")
	require.ErrorContains(t, err, `no anomaly "lost weekend"`)
}
