package isolation_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch03-transactions/isolation"
)

// counters returns a script in which A has counted up the first of two
// counters, and both go on with the steps.
func counters(steps ...isolation.Step) isolation.Script {
	begun := []isolation.Step{{isolation.A, "BEGIN"}, {isolation.B, "BEGIN"}, {isolation.A, first}}
	return isolation.Script{
		Anomaly: "none",
		Given: []string{
			"CREATE TABLE counters (id INT PRIMARY KEY, n INT NOT NULL)",
			"INSERT INTO counters VALUES (1, 0), (2, 0)",
		},
		Steps:    append(begun, steps...),
		End:      "SELECT SUM(n) FROM counters",
		Question: "Never mind:",
		Happened: func(isolation.Run) bool { return false },
	}
}

const (
	first  = "UPDATE counters SET n = n + 1 WHERE id = 1"
	second = "UPDATE counters SET n = n + 1 WHERE id = 2"
)

func deadlocked(t *testing.T, db isolation.Database, want string) {
	t.Helper()
	run, err := isolation.Play(t.Context(), db, db.Levels[0], counters(
		isolation.Step{isolation.B, second},
		isolation.Step{isolation.A, second},
		isolation.Step{isolation.B, first},
		isolation.Step{isolation.A, "COMMIT"},
		isolation.Step{isolation.B, "COMMIT"},
	))
	require.NoError(t, err)
	require.Equal(t, want, run.Verdict(), "%s", run)
	require.Equal(t, 2, run.End, "%s", run)
	require.NotEqual(t, run.A.Committed, run.B.Committed, "%s", run)
}

func waitsForEver(t *testing.T, db isolation.Database) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	run, err := isolation.Play(ctx, db, db.Levels[0], counters(isolation.Step{isolation.B, first}))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "a session waits for ever")
	require.ErrorContains(t, err, first+" (waits)\n")
	require.Empty(t, run.Outcome)
}

func mistaken(t *testing.T, db isolation.Database) {
	t.Helper()
	script := counters(isolation.Step{isolation.B, "SELECT nonsense"})
	_, err := isolation.Play(t.Context(), db, db.Levels[0], script)
	require.ErrorContains(t, err, "session B: SELECT nonsense: ")
	require.ErrorContains(t, err, first+"\n")
}
