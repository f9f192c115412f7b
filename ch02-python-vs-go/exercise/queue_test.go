package exercise

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch02-python-vs-go/exercise/jobs"
	"example.com/dtx/course/grade"
	"example.com/dtx/internal/sqlite"
)

// claims is a queue in which each job has another state.
const claims = `
INSERT INTO jobs (id, customer, item, state, attempt, until) VALUES
	('job-1', 'ada', 'tea', 'done', 1, 0),
	('job-2', 'ada', 'tea', 'running', 1, 20000),
	('job-3', 'ada', 'tea', 'running', 1, 9000),
	('job-4', 'ada', 'tea', 'waiting', 0, 0);
`

// requireLent has workers ask for jobs, one after the other. The times are in seconds.
func requireLent(t *grade.T) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Config{
		Path: filepath.Join(t.TempDir(), "jobs.db"), Schema: jobs.Schema + claims,
	})
	require.NoError(t, err)
	defer db.Close()
	var told strings.Builder
	told.WriteString(`four jobs are in the queue, and the clock is at 10 s:
job-1 is done
job-2 is lent until 20 s, to a worker that is at it
job-3 was lent until 9 s, to a worker that has died
job-4 waits`)
	for _, ask := range []struct {
		at   int
		want string
		why  string
	}{
		{10, "job-3", "its worker's time is up, and it is the oldest that no worker is at"},
		{10, "job-4", "it waits, and job-3 is lent again until 15 s"},
		{10, "", "all that is not done is lent"},
		{16, "job-3", "it was lent until 15 s, and is not acknowledged"},
		{16, "job-4", "it was lent until 15 s, and is not acknowledged"},
		{21, "job-2", "its worker's time was up at 20 s"},
	} {
		j, err := jobs.Claim(t.Context(), db, Claim, time.Unix(int64(ask.at), 0))
		t.NoError(err)
		fmt.Fprintf(&told, "\nat %d s a worker asks, and gets %s", ask.at, name(j.ID))
		if j.ID != ask.want {
			t.Wrong(told.String(), fmt.Sprintf("it gets %s, and should get %s: %s",
				name(j.ID), name(ask.want), ask.why))
		}
		until := time.Unix(int64(ask.at), 0).Add(jobs.Visibility)
		if j.ID != "" && !j.Until.Equal(until) {
			t.Wrong(told.String(), fmt.Sprintf("Claim returns %s as lent until %d s, "+
				"and it should be until %d s (q.Lend returns the job as it is then)",
				j.ID, j.Until.Unix(), until.Unix()))
		}
	}
}

func name(id string) string {
	if id == "" {
		return "nothing"
	}
	return id
}
