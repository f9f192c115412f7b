package durability_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"example.com/dtx/ch03-transactions/durability"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	durability.Child()
	os.Exit(m.Run())
}

// folder is one in which an experiment has to leave nothing.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Cleanup(func() {
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, left, "in the folder after the experiment")
	})
	return dir
}

func TestNoLevelLosesAnAnsweredRowWhenTheProcessIsKilled(t *testing.T) {
	var all durability.Losses
	for _, l := range durability.Levels() {
		loss, err := durability.Kill(t.Context(), folder(t), l)
		require.NoError(t, err)
		require.GreaterOrEqual(t, loss.Answered, 20,
			"rows answered with synchronous=%s before the kill", l)
		require.Zero(t, loss.Lost(), "killed with synchronous=%s: %d rows were answered, "+
			"%d are there", l, loss.Answered, loss.Found)
		require.LessOrEqual(t, loss.Found, loss.Answered+1, "only one commit can be under way")
		all = append(all, loss)
	}
	t.Log(all.Rows())
}

func TestAPowerCutShowsWhatEachLevelPromises(t *testing.T) {
	var all durability.Losses
	for _, row := range []struct {
		level  durability.Level
		lost   int
		reason string
	}{
		{durability.Full, 0, "each commit is forced"},
		{durability.Normal, 10, "those since the checkpoint are not forced"},
		{durability.Off, 20, "nothing is"},
	} {
		loss, err := durability.PowerCut(t.Context(), folder(t), row.level)
		require.NoError(t, err)
		require.Equal(t, 20, loss.Answered)
		require.Equal(t, row.lost, loss.Lost(), "power cut with synchronous=%s: "+
			"%d rows were answered, %d are there; %s",
			row.level, loss.Answered, loss.Found, row.reason)
		all = append(all, loss)
	}
	t.Log(all.Rows())
}

// TestFullForcesTheLogWithEachCommitNormalWithEachCheckpointOffNever checks what
// PowerCut rests on, and the kernel says it.
func TestFullForcesTheLogWithEachCommitNormalWithEachCheckpointOffNever(t *testing.T) {
	type pair struct{ log, database int }
	var all durability.Counts
	for _, row := range []struct {
		level                durability.Level
		commits, checkpoints pair
	}{
		{durability.Full, pair{50, 0}, pair{1, 1}},
		{durability.Normal, pair{0, 0}, pair{1, 1}}, // the log, and then what it is copied to
		{durability.Off, pair{0, 0}, pair{0, 0}},
	} {
		s, err := durability.Count(t.Context(), folder(t), row.level, 50)
		if errors.Is(err, durability.ErrNoStrace) && os.Getenv("CI") == "" {
			t.Skip(err)
		}
		require.NoError(t, err)
		require.Equal(t, row.commits, pair{s.Log, s.Database},
			"forced by 50 commits with synchronous=%s", row.level)
		require.Equal(t, row.checkpoints, pair{s.Checkpoint.Log, s.Checkpoint.Database},
			"forced by a checkpoint with synchronous=%s", row.level)
		all = append(all, s)
	}
	t.Log(all.Rows())
}

func TestWhereTheToolIsMissingItIsNamed(t *testing.T) {
	t.Setenv("PATH", "")
	_, err := durability.Count(t.Context(), folder(t), durability.Full, 1)
	require.ErrorIs(t, err, durability.ErrNoStrace)
	require.ErrorContains(t, err, "apt install strace")
}

func TestThePricesStandBesideTheDisk(t *testing.T) {
	all, err := durability.Cost(t.Context(), folder(t), 200*time.Millisecond)
	require.NoError(t, err)
	var what []string
	for _, p := range all {
		what = append(what, p.What)
		require.Positive(t, p.PerSecond, p.What)
		require.InEpsilon(t, p.PerSecond/all[0].PerSecond, p.Ratio, 1e-9, p.What)
	}
	require.Equal(t, []string{"FULL", "NORMAL", "OFF", "FULL, the log grows", "fsync alone"}, what)
	t.Log(all.Rows())
}

func TestAnExperimentThatIsGivenUpEndsSoon(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := durability.Cost(ctx, folder(t), time.Hour)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = durability.Kill(ctx, folder(t), durability.Full)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = durability.PowerCut(ctx, folder(t), durability.Full)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}
