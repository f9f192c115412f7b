package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/lesson"
	"example.com/dtx/lab/readme"
	"example.com/dtx/lab/sim"
)

func TestMain(m *testing.M) { sim.Main(m, chapter()) }

func TestEveryFault(t *testing.T) {
	c := chapter()
	var flawed, right lab.Report
	t.Run("breaks a till without deduplication", func(t *testing.T) {
		flawed = sim.EveryFault(t, c, c.Variants[0])
		require.NotZero(t, flawed.Broken)
	})
	t.Run("leaves the right shop whole", func(t *testing.T) {
		right = sim.EveryFault(t, c, c.Variants[1])
		sim.RequireWhole(t, c, right)
	})
	sim.KeepScores(t, c, flawed, right)
}

func TestTheLessonIsTrue(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves the experiments of the lesson out")
	}
	c := chapter()
	lesson.Check(t, c, readme.Config{Generated: map[string]string{
		"score": lesson.Scores([]string{
			"variant", "faults tried", "that break the shop", "interleavings tried",
			"that break it",
		}, sim.KeptReports(t)),
	}})
}

func TestEachClassicMistakeIsCaught(t *testing.T) {
	t.Parallel()
	sim.EveryMistake(t, chapter())
}
