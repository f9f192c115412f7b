package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch04-saga/isolation"
	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/lesson"
	"example.com/dtx/lab/readme"
	"example.com/dtx/lab/sim"
)

func TestTheLessonIsTrue(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves the experiments of the lesson out")
	}
	t.Parallel()
	results, err := isolation.Measure(t.Context(), t.TempDir())
	require.NoError(t, err)
	lesson.Check(t, chapter(), readme.Config{
		Generated: map[string]string{
			"score": lesson.Scores([]string{
				"the saga is", "faults tried", "faults that break it", "interleavings tried",
				"interleavings that break it",
			}, sim.KeptReports(t)),
			"comparison":          comparison(t),
			"mistakes":            lesson.Mistakes(t, chapter(), "NAME"),
			"isolation":           readme.Markdown(isolation.Table(results)),
			"isolation-questions": readme.Markdown(isolation.Questions()),
		},
		Figures: map[string]readme.Draw{
			"figures/forward.svg":  lesson.Draw(t, chapter(), orchestrated(), "success"),
			"figures/backward.svg": lesson.Draw(t, chapter(), orchestrated(), "slot full"),
			"figures/recovery.svg": lesson.Draw(t, chapter(), orchestrated(), "success", dies),
			"figures/unknown.svg": lesson.Draw(
				t, chapter(), orchestrated(), "success",
				"reply lost @ order → delivery: POST /book order-1 #1",
			),
			"figures/given-up.svg": lesson.Draw(
				t, chapter(), orchestrated(), "success",
				"delivered at rest @ order → payment: POST /authorize order-1 #1",
				"partition @ order → payment: POST /authorize order-1 #2",
			),
			"figures/choreographed.svg": lesson.Draw(t, chapter(), choreographed(), "success"),
		},
	})
}

// play runs a scenario in the simulation, with faults if some are named.
func play(t *testing.T, v lab.Variant, scenario string, faults ...string) sim.Run {
	t.Helper()
	return sim.Play(t, chapter(), v, scenario, faults...)
}

// comparison sets both forms side by side. Every number is counted here.
func comparison(t *testing.T) string {
	t.Helper()
	row := func(name, format string, scenario string, count func(sim.Run) int) []string {
		cells := []string{name}
		for _, v := range []lab.Variant{orchestrated(), choreographed()} {
			cells = append(cells, fmt.Sprintf(format, count(play(t, v, scenario))))
		}
		return cells
	}
	return readme.Markdown([][]string{
		{"", "orchestrated", "choreographed"},
		row("messages for an order, answers included", "%d", "success", messages),
		row("forced writes", "%d", "success", forced),
		row("forced writes before the customer is told", "%d", "success", forcedBefore),
		row("messages for an order that is refused at the pivot", "%d", "slot full", messages),
		row("forced writes for an order that is refused at the pivot", "%d", "slot full", forced),
		{
			"knows how far an order is",
			"`order`: `GET /orders/{id}` names the step",
			"no service: each knows its own part",
		},
		{
			"knows the sequence of the steps",
			"`order`, in one list",
			"each service knows its neighbours",
		},
		{
			"to add a step",
			"a line in that list, and the new service",
			"the new service, and new neighbours for two others",
		},
		{
			"a service that is away, before the pivot",
			"the order is given up and compensated",
			"the order is pending until it is back",
		},
		{"the orchestrator dies", "no order goes on until it is back", "there is no orchestrator"},
	})
}

func messages(r sim.Run) int { return count(r.Events).Messages }

func forced(r sim.Run) (n int) {
	for _, forced := range count(r.Events).Forced {
		n += int(forced)
	}
	return n
}

// forcedBefore counts the forced writes that the answer to the client waited
// for: those that happened before it (Lamport, 1978).
func forcedBefore(r sim.Run) int {
	for i, e := range r.Events {
		if e.Kind == event.Send && e.Data.Peer == lab.Client {
			return forced(sim.Run{Events: r.Events[:i]})
		}
	}
	return 0
}
