package isolation_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch03-transactions/isolation"
	"example.com/dtx/internal/servers"
	"example.com/dtx/internal/servers/serverstest"
)

type product struct {
	name string
	// start starts the database. left counts what plays have left behind.
	start    func(t *testing.T) (db isolation.Database, left func(t *testing.T) int)
	levels   []string
	table    []row
	deadlock string // how a deadlock ends
}

func products() []product {
	return []product{
		{
			name: "SQLite", start: startSQLite, table: inSQLite(), deadlock: busy,
			levels: []string{"BEGIN", "BEGIN IMMEDIATE", "READ UNCOMMITTED, shared cache"},
		},
		{
			name: "PostgreSQL", start: startPostgres, table: inPostgres(),
			deadlock: "aborted: deadlock_detected at UPDATE",
			levels: []string{
				"READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE",
			},
		},
		{
			name: "MariaDB", start: startMariaDB, table: inMariaDB(), deadlock: deadlock,
			levels: []string{
				"READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ",
				"REPEATABLE READ, snapshot isolation", "SERIALIZABLE",
			},
		},
	}
}

func startSQLite(t *testing.T) (isolation.Database, func(*testing.T) int) {
	t.Helper()
	dir := t.TempDir()
	return isolation.SQLite(dir), func(t *testing.T) int {
		t.Helper()
		// SQLite removes it with the last connection.
		logs, err := filepath.Glob(filepath.Join(dir, "*-wal"))
		require.NoError(t, err)
		return len(logs)
	}
}

func startPostgres(t *testing.T) (isolation.Database, func(*testing.T) int) {
	t.Helper()
	open := serverstest.Start(t, servers.Postgres).Open
	return isolation.Postgres(open), schemas(open)
}

func startMariaDB(t *testing.T) (isolation.Database, func(*testing.T) int) {
	t.Helper()
	open := serverstest.Start(t, servers.MariaDB).Open
	return isolation.MariaDB(open), schemas(open)
}

// schemas counts the plays' schemas.
func schemas(open func() (*sql.DB, error)) func(*testing.T) int {
	return func(t *testing.T) (n int) {
		t.Helper()
		db, err := open()
		require.NoError(t, err)
		row := db.QueryRowContext(t.Context(), `SELECT COUNT(*)
			FROM information_schema.schemata WHERE schema_name LIKE 'isolation%'`)
		require.NoError(t, row.Scan(&n))
		require.NoError(t, db.Close())
		return n
	}
}
