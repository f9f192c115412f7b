package sim_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/sim"
	"example.com/dtx/lab/toy"
)

func TestEverySchedulePlaysOnce(t *testing.T) {
	want := map[string]bool{}
	for _, s := range leaves(nil) {
		want[fmt.Sprint(s)] = true
	}
	played := map[string]bool{}
	for schedule := []int{}; schedule != nil; {
		path, choices := walk(schedule)
		require.NotContains(t, played, fmt.Sprint(path), "played twice")
		played[fmt.Sprint(path)] = true
		schedule = sim.Following(schedule, choices)
	}
	require.Equal(t, want, played)
}

// branches says how many ways there are to go on from a place in a tree: it
// depends on the way taken, as it does when an order has ended.
func branches(path []int) int {
	switch {
	case len(path) == 0:
		return 3
	case len(path) < 3+path[0]:
		return 2
	}
	return 0
}

// leaves lists all ways through the tree.
func leaves(path []int) (list [][]int) {
	n := branches(path)
	if n == 0 {
		return [][]int{path}
	}
	for i := range n {
		list = append(list, leaves(append(path[:len(path):len(path)], i))...)
	}
	return list
}

// walk goes where a schedule says, and then always the first way, as a run does.
func walk(schedule []int) (path, choices []int) {
	for n := branches(path); n > 0; n = branches(path) {
		turn := 0
		if len(path) < len(schedule) {
			turn = schedule[len(path)]
		}
		path, choices = append(path, turn), append(choices, n)
	}
	return path, choices
}

// TestNothingThatSleepsIsMissed plays a race in every order of all transactions, and
// then only once for each order in a database: the same histories come of it.
func TestNothingThatSleepsIsMissed(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"two at once", "the last euro"} {
		all, runs := histories(t, scenario(t, name), true)
		few, fewer := histories(t, scenario(t, name), false)
		require.Equal(t, all, few)
		require.Less(t, fewer, runs)
	}
}

// histories returns, of each run that a scenario can take, the durable
// transactions of each service in their order, and what the clients were told.
func histories(
	t *testing.T, scenario lab.Scenario, restless bool,
) (seen map[string]bool, runs int) {
	t.Helper()
	s := stage(t, toy.None)
	if restless {
		s.Restless()
	}
	seen = map[string]bool{}
	for schedule := []int{}; schedule != nil; {
		r := s.Run(t, scenario, schedule)
		schedule = sim.Following(schedule, r.Choices)
		if r.Again {
			continue
		}
		runs++
		history := map[string][]string{"told": {fmt.Sprint(r.Told)}}
		for _, e := range r.Events {
			if e.Kind == event.Commit && e.Data.Forced {
				history[e.Service] = append(history[e.Service], e.Point)
			}
		}
		seen[fmt.Sprint(history)] = true
	}
	return seen, runs
}

func TestAnotherScheduleLetsAnotherOrderWin(t *testing.T) {
	t.Parallel()
	s := stage(t, toy.None)
	winners := map[string]bool{}
	for schedule := []int{}; schedule != nil; {
		r := s.Run(t, scenario(t, "the last euro"), schedule)
		require.Empty(t, r.Findings, "schedule %v", schedule)
		for _, e := range r.After.Effects {
			winners[e.Order] = true
		}
		schedule = sim.Following(schedule, r.Choices)
	}
	require.Equal(t, map[string]bool{"order-1": true, "order-10": true}, winners)
}
