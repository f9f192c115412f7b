package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch03-transactions/attach"
	"example.com/dtx/ch03-transactions/isolation"
	"example.com/dtx/internal/servers"
	"example.com/dtx/internal/servers/serverstest"
	"example.com/dtx/lab"
	"example.com/dtx/lab/lesson"
	"example.com/dtx/lab/readme"
	"example.com/dtx/lab/sim"
)

// checkLesson holds the chapter's README against what was found, and against
// what is measured here.
func checkLesson(t *testing.T, three, one, two lab.Report) {
	t.Helper()
	sim.KeepScores(t, chapter(), three, one, two)
	texts := measureAll(t)
	texts["score"] = lesson.Scores([]string{
		"an order as", "faults tried", "that break it", "interleavings tried", "that break it",
	}, []lab.Report{three, one, two})
	texts["tears"] = "```text\n" + strings.Join(tears(two), "\n") + "\n```\n"
	first := chapter().Scenarios[0].Name
	lesson.Check(t, chapter(), readme.Config{
		Generated: texts,
		Figures: map[string]readme.Draw{
			"figures/statement-by-statement.svg": lesson.Draw(t, chapter(), statements(), first,
				"crash after @ shop: commit POST /orders order-1 #2"),
			"figures/two-databases.svg": lesson.Draw(t, chapter(), twoDatabases(), first,
				"crash on reply @ shop → bank: POST /charge order-1 #1"),
		},
	})
}

// measureAll makes the lesson's tables, all at the same time: most of it waits
// for servers and processes. Where something is not installed, the lesson is
// not checked.
func measureAll(t *testing.T) map[string]string {
	t.Helper()
	var mu sync.Mutex
	texts := map[string]string{}
	left := false
	t.Run("measurements", func(t *testing.T) {
		for name, measure := range map[string]func(t *testing.T) map[string]string{
			"schema": func(t *testing.T) map[string]string {
				return map[string]string{"schema": refusals(t), "anomalies": anomalies()}
			},
			"losses": func(t *testing.T) map[string]string {
				return map[string]string{"losses": readme.Markdown(lossRows(t))}
			},
			"attach": func(t *testing.T) map[string]string {
				return map[string]string{"attach": torn(t)}
			},
			"sqlite": func(t *testing.T) map[string]string {
				return map[string]string{"sqlite": measured(t, isolation.SQLite(t.TempDir()))}
			},
			"postgresql": func(t *testing.T) map[string]string {
				db := onTestServer(t, servers.Postgres, isolation.Postgres)
				return map[string]string{
					"postgresql": measured(t, db), "write-skew": writeSkew(t, db),
				}
			},
			"mariadb": func(t *testing.T) map[string]string {
				db := onTestServer(t, servers.MariaDB, isolation.MariaDB)
				return map[string]string{"mariadb": measured(t, db)}
			},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				t.Cleanup(func() {
					mu.Lock()
					defer mu.Unlock()
					left = left || t.Skipped()
				})
				found := measure(t)
				mu.Lock()
				defer mu.Unlock()
				maps.Copy(texts, found)
			})
		}
	})
	if left {
		t.Skip("something is not installed: see above")
	}
	return texts
}

func refusals(t *testing.T) string {
	t.Helper()
	list, err := askSchema(t.Context(), t.TempDir())
	require.NoError(t, err)
	rows := [][]string{{"what is wrong", "refused by"}}
	for _, w := range list {
		rows = append(rows, []string{w.what, orNothing(w.refusedBy)})
	}
	return readme.Markdown(rows)
}

// lossRows leaves out how many rows were written before a kill, which is chance.
func lossRows(t *testing.T) [][]string {
	t.Helper()
	all, err := losses(t.Context(), t.TempDir())
	require.NoError(t, err)
	rows := [][]string{{"synchronous", "after", "acknowledged commits lost"}}
	for _, l := range all {
		lost := "none"
		if l.Lost() > 0 {
			lost = fmt.Sprintf("%d of %d", l.Lost(), l.Answered)
		}
		rows = append(rows, []string{string(l.Level), string(l.Death), lost})
	}
	return rows
}

// anomalies lists the scripts, and what each of them asks.
func anomalies() string {
	rows := [][]string{{"anomaly", "the question", "in the literature"}}
	for _, s := range isolation.Scripts() {
		rows = append(rows, []string{s.Anomaly, s.Question, s.Alias})
	}
	return readme.Markdown(rows)
}

func measured(t *testing.T, db isolation.Database) string {
	t.Helper()
	table, err := isolation.Measure(t.Context(), db)
	require.NoError(t, err)
	return table.Markdown()
}

func onTestServer(
	t *testing.T,
	start func(context.Context) (*servers.Server, error),
	database func(func() (*sql.DB, error)) isolation.Database,
) isolation.Database {
	t.Helper()
	return database(serverstest.Start(t, start).Open)
}

// torn says whether a kill can tear a transaction over two files. How many
// kills there are depends on the machine.
func torn(t *testing.T) string {
	t.Helper()
	all, err := kills(t.Context(), t.TempDir())
	if errors.Is(err, attach.ErrNoStrace) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	require.NoError(t, err)
	rows := [][]string{{"journal", "killed at each system call that changes a file"}}
	names := map[attach.Journal]string{
		attach.Rollback: "rollback journal (`journal_mode=DELETE`)",
		attach.WAL:      "write-ahead log (`journal_mode=WAL`)",
	}
	for _, r := range all {
		found := "no kill tears the order"
		if n := len(r.Torn()); n > 0 {
			found = "some kills tear it"
		}
		rows = append(rows, []string{names[r.Journal], found})
	}
	return readme.Markdown(rows)
}

func writeSkew(t *testing.T, db isolation.Database) string {
	t.Helper()
	run, err := isolation.Tell(t.Context(), db, "REPEATABLE READ", "write skew")
	require.NoError(t, err)
	return "```text\n" + strings.TrimRight(run.String(), "\n") + "\n```\n"
}

func TestOneForcedWriteServesManyWhoWaitTogether(t *testing.T) {
	one, err := group(t.Context(), t.TempDir()+"/one.db", 1, 20)
	require.NoError(t, err)
	require.EqualValues(t, one.Updates, one.Forced, "a client alone waits for each of its own")
	many, err := group(t.Context(), t.TempDir()+"/many.db", 64, 20)
	require.NoError(t, err)
	require.Less(t, many.Forced, int64(many.Updates),
		"64 clients; what waits together is shown in internal/sqlite")
}
