package attach_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"

	"example.com/dtx/ch03-transactions/attach"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	attach.Child()
	os.Exit(m.Run())
}

// try kills an order at each of its system calls. Where the tests have the last
// word, a missing tool is no excuse.
func try(t *testing.T, j attach.Journal) attach.Result {
	t.Helper()
	if testing.Short() {
		t.Skip("-short kills nothing: this program is run again for each system call")
	}
	dir := t.TempDir()
	r, err := attach.Try(t.Context(), dir, j)
	if errors.Is(err, attach.ErrNoStrace) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	require.NoError(t, err)
	for _, k := range r.Kills {
		t.Logf("killed before system call %d, %s: stock %d, payment %d: %s",
			k.N, k.Call, k.Units, k.Cents, k.Outcome())
	}
	t.Log(attach.Results{r}.Rows())
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left, "in the folder after the experiment")
	return r
}

// course is how the outcome changes as the kill comes later.
func course(r attach.Result) (course []string) {
	for _, k := range r.Kills {
		course = append(course, k.Outcome())
	}
	return slices.Compact(course)
}

func TestWithARollbackJournalNoKillTearsAnOrderOverTwoFiles(t *testing.T) {
	t.Parallel()
	r := try(t, attach.Rollback)
	require.NotEmpty(t, r.Kills)
	require.Empty(t, r.Torn(), "orders in one of the two files only")
	require.Equal(t, []string{"neither", "both"}, course(r))

	commit := slices.IndexFunc(r.Kills, func(k attach.Kill) bool {
		return k.Call == "unlink the super-journal"
	})
	require.NotEqual(t, -1, commit, "the super-journal was never deleted")
	require.Equal(t, "neither", r.Kills[commit].Outcome(),
		"killed before the super-journal is deleted")
	require.Equal(t, "both", r.Kills[commit+1].Outcome(),
		"killed after the super-journal is deleted")
}

func TestWithAWriteAheadLogAKillBetweenTheTwoLogsTearsIt(t *testing.T) {
	t.Parallel()
	r := try(t, attach.WAL)
	require.NotEmpty(t, r.Torn(), "SQLite's documentation says that this is not atomic")
	require.Equal(t, []string{"neither", "torn", "both"}, course(r))
	for _, k := range r.Torn() {
		require.Equal(t, []int{8, 5000}, []int{k.Units, k.Cents},
			"killed at %s: the first log is committed, the second is not", k.Call)
	}
}

func TestTheTableCountsEachKillOnce(t *testing.T) {
	r := attach.Result{Journal: attach.WAL, Kills: []attach.Kill{
		{N: 1, Call: "a", Units: 10, Cents: 5000}, {N: 2, Call: "b", Units: 8, Cents: 5000},
		{N: 3, Call: "c", Units: 10, Cents: 4000}, {N: 4, Call: "d", Units: 8, Cents: 4000},
	}}
	require.Equal(t, []string{"WAL", "4", "1", "1", "2"}, attach.Results{r}.Rows()[1])
	require.Equal(t, []string{"2", "b", "8", "5000", "torn"}, r.Rows()[2])
}

func TestAnExperimentThatIsGivenUpLeavesNothing(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	dir := t.TempDir()
	_, err := attach.Try(ctx, dir, attach.WAL)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}
