package pgoutbox_test

import (
	"database/sql"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch07-messages/pgoutbox"
	"example.com/dtx/internal/servers"
	"example.com/dtx/internal/servers/serverstest"
	"example.com/dtx/lab/readme"
)

func TestPostgres(t *testing.T) {
	t.Parallel()
	server := serverstest.Start(t, servers.Postgres)
	db, err := server.Open()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	t.Run("a transaction that commits late is skipped", func(t *testing.T) {
		require.Equal(t, pgoutbox.Sent{
			While: []string{"B"}, Later: []string{"C"}, // and A never
		}, play(t, db, pgoutbox.ByID(), (*sql.Tx).Commit))
	})
	t.Run("waiting for a missing id hangs after a rollback", func(t *testing.T) {
		require.Equal(t, pgoutbox.Sent{
			After: []string{"A", "B"}, Later: []string{"C"},
		}, play(t, db, pgoutbox.WithoutGap(), (*sql.Tx).Commit))
		require.Equal(t, pgoutbox.Sent{}, // B and C have committed
			play(t, db, pgoutbox.WithoutGap(), (*sql.Tx).Rollback))
	})
	t.Run("what is older than every open transaction is complete", func(t *testing.T) {
		require.Equal(t, pgoutbox.Sent{
			After: []string{"A", "B"}, Later: []string{"C"},
		}, play(t, db, pgoutbox.ByTransaction(), (*sql.Tx).Commit))
		require.Equal(t, pgoutbox.Sent{
			After: []string{"B"}, Later: []string{"C"},
		}, play(t, db, pgoutbox.ByTransaction(), (*sql.Tx).Rollback))
	})
	t.Run("a relay that deletes skips nothing, and sends B before A", func(t *testing.T) {
		require.Equal(t, pgoutbox.Sent{
			While: []string{"B"}, After: []string{"A"}, Later: []string{"C"},
		}, play(t, db, pgoutbox.Deleting(), (*sql.Tx).Commit))
	})
	t.Run("an open transaction elsewhere that writes holds it up", func(t *testing.T) {
		run := beside(t, db, "SELECT pg_current_xact_id()")
		sent, err := run.Poll(t.Context())
		require.NoError(t, err)
		require.Empty(t, sent)
	})
	t.Run("an open transaction that only reads does not", func(t *testing.T) {
		sent, err := beside(t, db, "SELECT count(*) FROM pgoutbox").PollSettled(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{"B"}, sent)
	})
	t.Run("the program shows all of it in one table", func(t *testing.T) {
		table, err := pgoutbox.Table(t.Context(), db)
		require.NoError(t, err)
		require.Equal(t, [][]string{
			{"relay", "A open, B committed", "A commits", "C commits", "A rolls back", "C commits"},
			{"id > last", "B", "", "C", "", "C"},
			{"id = last + 1", "", "A B", "C", "", ""},
			{"older than every open transaction", "", "A B", "C", "B", "C"},
			{"delete and send", "B", "A", "C", "", "C"},
		}, table)
		lesson, err := os.ReadFile("../README.md")
		require.NoError(t, err)
		require.Contains(t, string(lesson), readme.Markdown(table), "the lesson's table")
	})
}

func play(t *testing.T, db *sql.DB, r pgoutbox.Relay, end func(*sql.Tx) error) pgoutbox.Sent {
	t.Helper()
	sent, err := pgoutbox.Play(t.Context(), db, r, end)
	require.NoError(t, err)
	return sent
}

// beside returns ByTransaction on an outbox with the committed event B. Another
// transaction is open to the end of the test, which has run one statement.
func beside(t *testing.T, db *sql.DB, statement string) *pgoutbox.Run {
	t.Helper()
	_, err := db.ExecContext(t.Context(), pgoutbox.Schema)
	require.NoError(t, err)
	other, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = other.Rollback() }) // the end of its context may have done so
	_, err = other.ExecContext(t.Context(), statement)
	require.NoError(t, err)
	require.NoError(t, pgoutbox.Write(t.Context(), db, "B"))
	return pgoutbox.NewRun(db, pgoutbox.ByTransaction())
}
