package main

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"example.com/dtx/lab/lesson"
	"example.com/dtx/lab/readme"
	"example.com/dtx/lab/sim"
)

func TestTheLessonIsTrue(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves the experiments of the lesson out")
	}
	t.Parallel()
	generated := tables(t, map[string]experiment{
		"promises": claimRows, "killed": killedRows, "leader": leaderRows, "price": costRows,
	})
	generated["score"] = lesson.Scores([]string{
		"chapter 7", "faults tried", "that break the shop", "interleavings tried", "that break it",
	}, sim.KeptReports(t))
	generated["load"] = loadTable(t)
	generated["mistakes"] = lesson.Mistakes(t, chapter(), "`-mistake`")
	lesson.Check(t, chapter(), readme.Config{
		Generated: generated,
		Figures: map[string]readme.Draw{
			"figures/success.svg": lesson.Draw(t, chapter(), brokered(), "success"),
			"figures/refused.svg": lesson.Draw(t, chapter(), brokered(), "slot full"),
			"figures/again.svg":   lesson.Draw(t, chapter(), brokered(), "success", diesBeforeAck),
			"figures/window.svg":  lesson.Draw(t, chapter(), brokered(), "success", late),
		},
	})
}

const (
	diesBeforeAck = "crash after @ stock: commit placed order-1 #1"
	late          = "delivered at rest @ order → broker: POST /publish/placed order-1 #1"
)

// claimRows tries all promises; the lesson has the claims without the runs.
func claimRows(ctx context.Context) ([][]string, error) {
	rows, err := triedRows(ctx)
	for i := range rows {
		rows[i] = rows[i][:1]
	}
	return rows, err
}

type experiment func(context.Context) ([][]string, error)

// tables are what some experiments have counted. They mostly wait, so they run at once.
func tables(t *testing.T, list map[string]experiment) map[string]string {
	t.Helper()
	var mu sync.Mutex
	var all errgroup.Group
	found := map[string]string{}
	for name, count := range list {
		all.Go(func() error {
			rows, err := count(t.Context())
			mu.Lock()
			defer mu.Unlock()
			found[name] = readme.Markdown(rows)
			return err
		})
	}
	require.NoError(t, all.Wait())
	return found
}
