package main

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/lesson"
	"example.com/dtx/lab/readme"
	"example.com/dtx/lab/sim"
)

func TestTheLessonIsTrue(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves the experiments of the lesson out")
	}
	t.Parallel()
	found := sim.KeptReports(t)
	at, tcc := found[0], found[1]
	at.Variant, tcc.Variant = "AT", "TCC"
	lesson.Check(t, chapter(), readme.Config{
		Generated: map[string]string{
			"score": lesson.Scores([]string{
				"chapter 6", "faults tried", "that break the shop", "interleavings tried",
				"that break it",
			}, []lab.Report{tcc, at}),
			"dirty":    table(t, dirtyRows),
			"barrier":  table(t, barrierRows),
			"others":   table(t, othersOf(t)),
			"between":  table(t, betweenRows),
			"price":    table(t, costRows),
			"mistakes": lesson.Mistakes(t, chapter(), "`-mistake`"),
		},
		Figures: map[string]readme.Draw{
			"figures/success.svg": lesson.Draw(t, chapter(), reserving(), "success"),
			"figures/refused.svg": lesson.Draw(t, chapter(), reserving(), "slot full"),
			"figures/dies-before.svg": lesson.Draw(
				t, chapter(), reserving(), "success", beforeDecision().String(),
			),
			"figures/suspension.svg": lesson.Draw(t, chapter(), reserving(), "success", late, dies),
			"figures/zombie.svg":     lesson.Draw(t, chapter(), reserving(), "success", notDead),
		},
	})
}

const (
	late    = "delivered at rest @ order → stock: POST /try order-1 #1"
	dies    = "crash on reply @ order → delivery: POST /try order-1 #1"
	notDead = "zombie @ order → delivery: POST /try order-1 #1"
)

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
