package main

import (
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/readme"
	"example.com/dtx/lab/sim"
)

func TestTheLessonIsTrue(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves the experiments of the lesson out")
	}
	t.Parallel()
	readme.Check(t, "..", "ch07-messages/README.md", readme.Config{
		Programs: map[string]readme.Program{"./ch07-messages": chapter().Program},
		Generated: map[string]string{
			"score":    scoreTable(sim.KeptReports(t)[0]),
			"promises": table(t, triedRows),
			"killed":   table(t, killedRows),
			"leader":   table(t, leaderRows),
			"price":    table(t, costRows),
			"load":     loadTable(t),
			"mistakes": mistakeTable(t),
		},
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
	return lab.Markdown(rows) + "\n" + lab.Markdown(lab.KindTable(r))
}

func mistakeTable(t *testing.T) string {
	t.Helper()
	list, err := chapter().Mistakes("..")
	require.NoError(t, err)
	return lab.MistakeTable(list)
}

// table is what an experiment has counted.
func table(t *testing.T, count func(context.Context) ([][]string, error)) string {
	t.Helper()
	rows, err := count(t.Context())
	require.NoError(t, err)
	return lab.Markdown(rows)
}
