package main

import (
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

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
	found := sim.KeptReports(t)
	readme.Check(t, "..", "ch06-tcc/README.md", readme.Config{
		Programs: map[string]readme.Program{"./ch06-tcc": cli.Program(chapter())},
		Generated: map[string]string{
			"score":    scoreTable(found[1], found[0]),
			"dirty":    table(t, dirtyRows),
			"barrier":  table(t, barrierRows),
			"others":   table(t, othersOf(t)),
			"between":  table(t, betweenRows),
			"price":    table(t, costRows),
			"mistakes": mistakeTable(t),
		},
		Figures: map[string]readme.Draw{
			"figures/success.svg":     draw(t, "success"),
			"figures/refused.svg":     draw(t, "slot full"),
			"figures/dies-before.svg": draw(t, "success", beforeDecision().String()),
			"figures/suspension.svg":  draw(t, "success", late, dies),
			"figures/zombie.svg":      draw(t, "success", notDead),
		},
	})
}

const (
	late    = "delivered at rest @ order → stock: POST /try order-1 #1"
	dies    = "crash on reply @ order → delivery: POST /try order-1 #1"
	notDead = "zombie @ order → delivery: POST /try order-1 #1"
)

func draw(t *testing.T, scenario string, faults ...string) readme.Draw {
	t.Helper()
	run := sim.Play(t, chapter(), reserving(), scenario, faults...)
	return func(w io.Writer) error { return event.SVG(w, reserving().Columns(), run.Events) }
}

func scoreTable(tcc, at lab.Report) string {
	rows := [][]string{{
		"chapter 6", "faults tried", "that break the shop", "interleavings tried", "that break it",
	}}
	for i, r := range []lab.Report{tcc, at} {
		rows = append(rows, []string{
			[]string{"TCC", "AT"}[i], fmt.Sprint(r.Faults), fmt.Sprintf("**%d**", r.Broken-r.Torn),
			fmt.Sprint(r.Schedules), fmt.Sprint(r.Torn),
		})
	}
	kinds := lab.KindTable(tcc, at)
	kinds[0] = []string{kinds[0][0], "TCC", "AT"}
	return readme.Markdown(rows) + "\n" + readme.Folded("By kind of fault", kinds)
}

func mistakeTable(t *testing.T) string {
	t.Helper()
	list, err := source.Mistakes(chapter(), "..")
	require.NoError(t, err)
	return readme.Markdown(source.MistakeTable(list))
}

// othersOf builds the other chapters' programs for the table.
func othersOf(t *testing.T) func(context.Context) ([][]string, error) {
	t.Helper()
	list, remove, err := built(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, remove()) })
	return func(ctx context.Context) ([][]string, error) { return othersRows(ctx, list) }
}

// table is what an experiment has counted.
func table(t *testing.T, count func(context.Context) ([][]string, error)) string {
	t.Helper()
	rows, err := count(t.Context())
	require.NoError(t, err)
	return readme.Markdown(rows)
}
