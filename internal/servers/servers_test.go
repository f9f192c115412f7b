//go:build unix

package servers_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/servers"
	"example.com/dtx/internal/servers/serverstest"
)

type product struct {
	name    string
	start   func(context.Context) (*servers.Server, error)
	prepare []string // statements that prepare a transaction and no more
	commit  string   // commits it, in another session
	busy    string   // keeps a session from noticing anything
	at      string   // how many sessions are at it
	vital   string   // a file that the server cannot do without
}

func products() []product {
	return []product{
		{
			name: "PostgreSQL", start: servers.Postgres,
			prepare: []string{"BEGIN", "INSERT INTO money VALUES (7)", "PREPARE TRANSACTION 'a'"},
			commit:  "COMMIT PREPARED 'a'",
			busy:    "SELECT COUNT(*) FROM generate_series(1, 1000000000)",
			at: "SELECT COUNT(*) FROM pg_stat_activity " +
				"WHERE query LIKE 'SELECT COUNT(*) FROM generate%' AND state = 'active'",
			vital: "data/PG_VERSION",
		},
		{
			name: "MariaDB", start: servers.MariaDB,
			prepare: []string{
				"XA START 'a'", "INSERT INTO money VALUES (7)", "XA END 'a'", "XA PREPARE 'a'",
			},
			commit: "XA COMMIT 'a'",
			busy:   "SELECT BENCHMARK(1000000000, MD5('a'))",
			at: "SELECT COUNT(*) FROM information_schema.processlist " +
				"WHERE info LIKE 'SELECT BENCHMARK%'",
			vital: "data/mysql",
		},
	}
}

func TestServer(t *testing.T) {
	t.Parallel()
	for _, p := range products() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			one, two := serverstest.Start(t, p.start), serverstest.Start(t, p.start)
			execute(t, one, "CREATE TABLE money (cents INT)")
			execute(t, two, "CREATE TABLE money (cents INT)")

			const name = "a transaction that was prepared before kill -9 can be committed after it"
			t.Run(name, func(t *testing.T) {
				before := one.DSN
				execute(t, one, p.prepare...)
				require.NoError(t, one.Kill())
				require.Error(t, ping(t, one))
				require.NoError(t, one.Start(t.Context()))
				require.Equal(t, before, one.DSN)
				require.Equal(t, 0, number(t, one, count), "rows before the commit")
				execute(t, one, p.commit)
				require.Equal(t, 1, number(t, one, count), "rows after the commit")
			})

			t.Run("the server beside it has not noticed", func(t *testing.T) {
				require.Equal(t, 0, number(t, two, count))
				require.ErrorContains(t, two.Start(t.Context()), "running already")
			})

			t.Run("kill -9 ends all processes, in the middle of their work", func(t *testing.T) {
				broken := make(chan error, 1)
				db := open(t, two)
				go func() {
					_, err := db.ExecContext(t.Context(), p.busy)
					broken <- err
				}()
				runs := func() bool { return number(t, two, p.at) == 1 }
				require.Eventually(t, runs, time.Minute, 20*time.Millisecond)
				processes := processesOf(t, two)
				require.NoError(t, two.Kill())
				require.Error(t, <-broken)
				requireGone(t, processes)
				require.NoError(t, two.Kill(), "twice is once")
			})

			t.Run("a server that does not start says why", func(t *testing.T) {
				require.NoError(t, os.RemoveAll(filepath.Join(dir(t, two), p.vital)))
				err := two.Start(t.Context())
				require.ErrorContains(t, err, "ended before it was ready")
				require.ErrorContains(t, err, filepath.Base(p.vital), "the end of its log")
			})

			t.Run("Stop leaves no process and no file", func(t *testing.T) {
				processes := processesOf(t, one)
				killed := segmentsOf(t, two)
				require.Subset(t, segments(t), killed)
				for _, s := range []*servers.Server{one, two} {
					require.DirExists(t, dir(t, s))
					require.NoError(t, s.Stop())
					require.NoDirExists(t, dir(t, s))
				}
				requireGone(t, processes)
				for _, id := range killed {
					require.NotContains(t, segments(t), id, "shared memory")
				}
				require.NoError(t, one.Stop(), "twice is once")
				require.Error(t, one.Start(t.Context()), "there is nothing to start on")
			})
		})
	}
}

// execute runs statements in one session, which then ends.
func execute(t *testing.T, s *servers.Server, statements ...string) {
	t.Helper()
	db := open(t, s)
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	for _, statement := range statements {
		_, err := conn.ExecContext(t.Context(), statement)
		require.NoError(t, err, statement)
	}
	require.NoError(t, conn.Close())
	require.NoError(t, db.Close())
}

const count = "SELECT COUNT(*) FROM money"

func number(t *testing.T, s *servers.Server, query string) (n int) {
	t.Helper()
	require.NoError(t, open(t, s).QueryRowContext(t.Context(), query).Scan(&n))
	return n
}

func ping(t *testing.T, s *servers.Server) error {
	t.Helper()
	return open(t, s).PingContext(t.Context())
}

func open(t *testing.T, s *servers.Server) *sql.DB {
	t.Helper()
	db, err := s.Open()
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() }) // an error means that the server has gone first
	return db
}

// dir returns the directory of a server.
func dir(t *testing.T, s *servers.Server) string {
	t.Helper()
	found := regexp.MustCompile(`/[^'()]*/dtx-\w+`).FindString(s.DSN)
	require.NotEmpty(t, found, s.DSN)
	return found
}
