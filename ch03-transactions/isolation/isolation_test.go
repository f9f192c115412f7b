package isolation_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch03-transactions/isolation"
	"example.com/dtx/internal/servers"
	"example.com/dtx/internal/servers/serverstest"
)

// row is what is expected of an anomaly, level by level.
type row struct {
	anomaly string
	want    []string
	why     string
}

type product struct {
	name   string
	open   func(t *testing.T) isolation.Database
	levels []string
	table  []row
}

func products() []product {
	return []product{
		{
			name:   "SQLite",
			open:   func(t *testing.T) isolation.Database { return isolation.SQLite(t.TempDir()) },
			levels: []string{"BEGIN", "BEGIN IMMEDIATE", "READ UNCOMMITTED, shared cache"},
			table:  inSQLite(),
		},
		{
			name: "PostgreSQL",
			open: func(t *testing.T) isolation.Database {
				return isolation.Postgres(serverstest.Start(t, servers.Postgres).Open)
			},
			levels: []string{"READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"},
			table:  inPostgres(),
		},
		{
			name: "MariaDB",
			open: func(t *testing.T) isolation.Database {
				return isolation.MariaDB(serverstest.Start(t, servers.MariaDB).Open)
			},
			levels: []string{"READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "REPEATABLE READ, snapshot isolation", "SERIALIZABLE"},
			table:  inMariaDB(),
		},
	}
}

func TestEveryCell(t *testing.T) {
	t.Parallel()
	for _, p := range products() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			measured, err := isolation.Measure(t.Context(), p.open(t))
			require.NoError(t, err)
			require.Equal(t, p.levels, measured.Levels)
			require.Len(t, p.table, len(isolation.Scripts()), "a row for each anomaly")
			for _, row := range p.table {
				require.Len(t, row.want, len(p.levels), row.anomaly)
				for i, level := range p.levels {
					t.Run(row.anomaly+" at "+level, func(t *testing.T) {
						run, found := measured.Find(level, row.anomaly)
						require.True(t, found)
						require.Equal(t, row.want[i], run.Verdict(), "expected because: %s\n\n%s", row.why, run)
					})
				}
			}
			requireShown(t, measured, p.table)
		})
	}
}

// requireShown looks for the measurement in the table that a reader sees.
func requireShown(t *testing.T, measured isolation.Table, table []row) {
	t.Helper()
	require.Regexp(t, `^\d+(\.\d+)+$`, measured.Version)
	shown := measured.Markdown()
	require.Contains(t, shown, "| anomaly | "+strings.Join(measured.Levels, " | ")+" |\n|---|")
	for _, row := range table {
		require.Contains(t, shown, "\n| "+row.anomaly+" | "+strings.Join(row.want, " | ")+" |\n")
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

// TestNothingIsLeft has a directory of its own for the files of SQLite, and
// looks into it.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := isolation.Measure(t.Context(), isolation.SQLite(dir))
	require.NoError(t, err)
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, file := range files {
		require.Equal(t, ".db", file.Name()[strings.LastIndex(file.Name(), "."):], "a database that is closed has no log")
	}
}
