package main

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/cli"
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
	if os.Getenv(lab.ExploreVariable) == "" && !testing.Short() {
		sim.KeepScores(t, c, flawed, right)
	}
}

func TestTheLessonIsTrue(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves the experiments of the lesson out")
	}
	c := chapter()
	readme.Check(t, "..", c.Name+"/README.md", readme.Config{
		Programs:  map[string]readme.Program{"./" + c.Name: cli.Program(c)},
		Generated: map[string]string{"score": scoreTable(sim.KeptReports(t))},
	})
}

func scoreTable(reports []lab.Report) string {
	rows := [][]string{{"variant", "faults tried", "that break the shop"}}
	for _, r := range reports {
		rows = append(rows, []string{
			r.Variant, fmt.Sprint(r.Faults), fmt.Sprintf("**%d**", r.Broken-r.Torn),
		})
	}
	return readme.Markdown(rows)
}

func TestEachClassicMistakeIsCaught(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves the mistakes out: each is built anew")
	}
	t.Parallel()
	sim.EveryMistake(t, chapter())
}
