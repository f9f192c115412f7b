package main

import (
	"context"
	"errors"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch01-overview/recommend"
	"example.com/dtx/lab/cli"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/real"
)

func TestEachServiceIsAProcessOfItsOwn(t *testing.T) {
	t.Parallel()
	cluster, err := real.Start(t.Context(), inServices(), real.Options{})
	require.NoError(t, err)
	pids := map[int]bool{os.Getpid(): true}
	for _, p := range cluster.Processes() {
		require.False(t, pids[p.PID], "%s shares process %d", p.Service, p.PID)
		pids[p.PID] = true
	}
	require.Len(t, pids, 1+5)
	require.NoError(t, cluster.Close())
}

func TestNoOrderFailsWhileRecommendIsReplaced(t *testing.T) {
	t.Parallel()
	r, err := rollOut(t.Context())
	require.NoError(t, err)
	require.Equal(t, orders+1, r.Orders)
	require.Zero(t, r.Failed, "orders that failed")
	require.Zero(t, r.None, "orders without a recommendation")
	require.NotZero(t, r.Old, "orders that saw the old version")
	require.NotZero(t, r.New, "orders that saw the new version")
}

func TestOrdersGoOnWithoutRecommendAndTheMonolithIsDown(t *testing.T) {
	t.Parallel()
	s, err := survive(t.Context(), inServices(), "recommend", "/recommendations/salt")
	require.NoError(t, err)
	require.True(t, s.Before.Confirmed(), "before the crash: %+v", s.Before)
	require.Contains(t, s.Before.Body, "biscuits", "before the crash")
	require.True(t, s.After.Confirmed(), "after the crash: %+v", s.After)
	require.NotContains(t, s.After.Body, "recommended")

	s, err = survive(t.Context(), inServices(), "stock", "/items")
	require.NoError(t, err)
	require.False(t, s.After.Confirmed(), "without stock no order goes through: %+v", s.After)

	s, err = survive(t.Context(), inOneProcess(), "shop", "/recommendations/salt")
	require.NoError(t, err)
	require.True(t, s.Before.Confirmed(), "before the crash: %+v", s.Before)
	require.Zero(t, s.After.Status, "the same crash takes the monolith down")
}

func TestThePythonTwinTakesOver(t *testing.T) {
	t.Parallel()
	told, events, err := useTwin(t.Context())
	if errors.Is(err, recommend.ErrNoPython) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	require.NoError(t, err)
	require.Contains(t, told.Body, `"recommended":["biscuits","honey"]`)
	answered := 0
	for _, e := range events {
		if e.Service == "recommend" && e.Kind == event.Send {
			answered++
		}
	}
	require.Equal(t, 1, answered, "answers of the twin")
}

func TestOneOrderCostsFiveTimesTheMessagesAndFourTimesTheForcedWrites(t *testing.T) {
	t.Parallel()
	one, err := measure(t.Context(), inOneProcess())
	require.NoError(t, err)
	many, err := measure(t.Context(), inServices())
	require.NoError(t, err)
	require.Equal(t, []int{1, 2, 1, 1},
		[]int{one.Processes, one.Messages, one.Commits, one.Forced},
		"monolith: processes, messages, commits, forced writes")
	require.Equal(t, []int{5, 10, 4, 4},
		[]int{many.Processes, many.Messages, many.Commits, many.Forced},
		"services: processes, messages, commits, forced writes")
	require.Positive(t, one.Memory)
	require.Positive(t, many.Startup)
}

func TestTheExperimentsOfTheStoryHaveNames(t *testing.T) {
	names := map[string]bool{}
	for _, e := range chapter().Experiments {
		require.False(t, names[e.Name], "two experiments are called %q", e.Name)
		require.NotEmpty(t, e.Claim)
		names[e.Name] = true
	}
	unknown := []string{"-experiment", "nothing"}
	err := cli.Run(context.Background(), chapter(), unknown, io.Discard, io.Discard)
	require.ErrorContains(t, err, `no experiment "nothing"`)
}
