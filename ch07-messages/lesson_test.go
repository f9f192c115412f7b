package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"example.com/dtx/lab"
	"example.com/dtx/lab/cli"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/readme"
	"example.com/dtx/lab/sim"
	"example.com/dtx/lab/source"
)

func TestTheLessonIsTrue(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves the experiments of the lesson out")
	}
	t.Parallel()
	generated := tables(t, map[string]experiment{
		"promises": claimRows, "killed": killedRows, "leader": leaderRows, "price": costRows,
	})
	generated["score"] = scoreTable(sim.KeptReports(t)[0])
	generated["load"] = loadTable(t)
	generated["mistakes"] = mistakeTable(t)
	readme.Check(t, "..", "ch07-messages/README.md", readme.Config{
		Programs:  map[string]readme.Program{"./ch07-messages": cli.Program(chapter())},
		Generated: generated,
		Figures: map[string]readme.Draw{
			"figures/success.svg": draw(t, "success"),
			"figures/refused.svg": draw(t, "slot full"),
			"figures/again.svg":   draw(t, "success", diesBeforeAck),
			"figures/window.svg":  draw(t, "success", late),
		},
	})
}

const (
	diesBeforeAck = "crash after @ stock: commit placed order-1 #1"
	late          = "delivered at rest @ order → broker: POST /publish/placed order-1 #1"
)

func draw(t *testing.T, scenario string, faults ...string) readme.Draw {
	t.Helper()
	run := sim.Play(t, chapter(), brokered(), scenario, faults...)
	return func(w io.Writer) error { return event.SVG(w, brokered().Columns(), run.Events) }
}

func scoreTable(r lab.Report) string {
	rows := [][]string{
		{
			"chapter 7", "faults tried", "that break the shop", "interleavings tried",
			"that break it",
		},
		{
			"broker", fmt.Sprint(r.Faults), fmt.Sprintf("**%d**", r.Broken-r.Torn),
			fmt.Sprint(r.Schedules), fmt.Sprint(r.Torn),
		},
	}
	return readme.Markdown(rows) + "\n" + readme.Folded("By kind of fault", lab.KindTable(r))
}

func mistakeTable(t *testing.T) string {
	t.Helper()
	list, err := source.Mistakes(chapter(), "..")
	require.NoError(t, err)
	return readme.Markdown(source.MistakeTable(list))
}

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
