package durability_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	_ "github.com/mattn/go-sqlite3" // the driver registers itself
	"github.com/stretchr/testify/require"
)

// connections opens two connections of one pool, whose data source name has
// these settings, after fn has had its say.
func connections(t *testing.T, settings string, fn func(*sql.DB)) []*sql.Conn {
	t.Helper()
	path := filepath.ToSlash(filepath.Join(t.TempDir(), "note.db"))
	db, err := sql.Open("sqlite3", "file:"+path+"?"+settings)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	fn(db)
	var conns []*sql.Conn
	for range 2 {
		conn, err := db.Conn(t.Context())
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, conn.Close()) })
		conns = append(conns, conn)
	}
	return conns
}

// levels reads PRAGMA synchronous back: 0 is OFF, 1 NORMAL, 2 FULL.
func levels(t *testing.T, conns []*sql.Conn) (levels []int) {
	t.Helper()
	for _, conn := range conns {
		var level int
		require.NoError(t, conn.QueryRowContext(t.Context(), "PRAGMA synchronous").Scan(&level))
		levels = append(levels, level)
	}
	return levels
}

func nothing(*sql.DB) {}

// TestTheDriversDefaultIsNormal checks that the driver says NORMAL on each connection
// for which nothing is said. SQLite's own default is FULL
// (https://www.sqlite.org/pragma.html#pragma_synchronous).
func TestTheDriversDefaultIsNormal(t *testing.T) {
	for _, journal := range []string{"WAL", "DELETE"} {
		conns := connections(t, "_journal_mode="+journal, nothing)
		require.Equal(t, []int{1, 1}, levels(t, conns),
			"PRAGMA synchronous of two connections in journal mode %s", journal)
	}
}

func TestAPragmaExecutedOnAPoolHoldsForOneConnection(t *testing.T) {
	conns := connections(t, "_journal_mode=WAL", func(db *sql.DB) {
		_, err := db.Exec("PRAGMA synchronous = FULL")
		require.NoError(t, err)
	})
	require.ElementsMatch(t, []int{2, 1}, levels(t, conns), "PRAGMA synchronous of "+
		"two connections after PRAGMA synchronous = FULL on the pool")
}

func TestASettingInTheDataSourceNameHoldsForAllConnections(t *testing.T) {
	conns := connections(t, "_journal_mode=WAL&_synchronous=FULL", nothing)
	require.Equal(t, []int{2, 2}, levels(t, conns))
}
