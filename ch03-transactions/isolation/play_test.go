package isolation_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch03-transactions/isolation"
	"example.com/dtx/internal/servers"
	"example.com/dtx/internal/servers/serverstest"
)

const (
	a = isolation.A
	b = isolation.B
)

// crossing returns a script in which each session takes one row and then the
// other one's.
func crossing(rest ...isolation.Step) isolation.Script {
	return isolation.Script{
		Anomaly: "crossing",
		Given:   []string{"CREATE TABLE t (id INT PRIMARY KEY, n INT)", "INSERT INTO t VALUES (1, 0), (2, 0)"},
		Steps: append([]isolation.Step{
			{Who: a, Do: "BEGIN"},
			{Who: b, Do: "BEGIN"},
			{Who: a, Do: "UPDATE t SET n = n + 1 WHERE id = 1"},
		}, rest...),
		End:      "SELECT SUM(n) FROM t",
		Happened: func(isolation.Run) bool { return false },
	}
}

func TestADeadlockEndsWithOneOfTheTwo(t *testing.T) {
	t.Parallel()
	script := crossing(
		isolation.Step{Who: b, Do: "UPDATE t SET n = n + 1 WHERE id = 2"},
		isolation.Step{Who: a, Do: "UPDATE t SET n = n + 1 WHERE id = 2"},
		isolation.Step{Who: b, Do: "UPDATE t SET n = n + 1 WHERE id = 1"},
		isolation.Step{Who: a, Do: "COMMIT"},
		isolation.Step{Who: b, Do: "COMMIT"},
	)
	wants := map[string]string{
		"SQLite":     "aborted: SQLITE_BUSY at UPDATE",
		"PostgreSQL": "aborted: deadlock_detected at UPDATE",
		"MariaDB":    "aborted: ER_LOCK_DEADLOCK at UPDATE",
	}
	for _, p := range products() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			db := p.open(t)
			run, err := isolation.Play(t.Context(), db, db.Levels[0], script)
			require.NoError(t, err)
			require.Equal(t, wants[p.name], run.Verdict(), "%s", run)
			require.Equal(t, 2, run.End, "%s", run)
			require.NotEqual(t, run.A.Committed, run.B.Committed, "%s", run)
		})
	}
}

func TestAPlayThatIsBrokenOffLeavesNothing(t *testing.T) {
	t.Parallel()
	forgotten := crossing(isolation.Step{Who: b, Do: "UPDATE t SET n = n + 1 WHERE id = 1"}) // A never ends
	mistaken := crossing(
		isolation.Step{Who: b, Do: "UPDATE t SET n = n + 1 WHERE id = 1"},
		isolation.Step{Who: a, Do: "SELECT nonsense"},
	)
	for _, p := range products()[1:] {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			db := p.open(t)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()

			run, err := isolation.Play(ctx, db, db.Levels[0], forgotten)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.ErrorContains(t, err, "a session waits for ever")
			require.ErrorContains(t, err, "UPDATE t SET n = n + 1 WHERE id = 1 (waits)\n", "the transcript")
			require.Empty(t, run.Outcome)

			_, err = isolation.Play(t.Context(), db, db.Levels[0], mistaken)
			require.ErrorContains(t, err, "session A: SELECT nonsense: ")
		})
	}
}

func TestSchemasAreDropped(t *testing.T) {
	t.Parallel()
	for _, p := range []struct {
		name  string
		start func(context.Context) (*servers.Server, error)
		db    func(isolation.Opener) isolation.Database
	}{
		{"PostgreSQL", servers.Postgres, isolation.Postgres},
		{"MariaDB", servers.MariaDB, isolation.MariaDB},
	} {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			_ = runtime.NumGoroutine
			_ = serverstest.Start
		})
	}
}
