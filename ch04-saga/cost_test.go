package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/sim"
)

func TestAnOrderForcesFiveWritesAsASagaAndSixInAChoreography(t *testing.T) {
	t.Parallel()
	for _, example := range []struct {
		variant lab.Variant
		want    price
		reason  string
	}{
		{
			bare(),
			price{Messages: 10, Forced: map[string]int64{"stock": 1, "payment": 2, "delivery": 1}},
			"take, authorize, book, capture: each participant forces what it answers",
		},
		{
			orchestrated(),
			price{
				Messages: 10,
				Forced:   map[string]int64{"order": 1, "stock": 1, "payment": 2, "delivery": 1},
			},
			"and the record of all steps; that the saga has ended is not forced",
		},
		{
			choreographed(),
			price{
				Messages: 12,
				Forced:   map[string]int64{"order": 2, "stock": 1, "payment": 2, "delivery": 1},
			},
			"the order, and what was decided of it; each event goes out with an effect",
		},
	} {
		require.Equal(
			t,
			example.want,
			count(succeed(t, example.variant)),
			"%s: %s",
			example.variant.Name,
			example.reason,
		)
	}
}

func TestTheCustomerWaitsForAllForcedWritesButTheCapture(t *testing.T) {
	t.Parallel()
	for _, example := range []struct {
		variant lab.Variant
		capture string // the call that is lost the first time, and comes when the answer is there
		want    map[string]int64
	}{
		{orchestrated(), "order → payment: POST /capture order-1 #1",
			map[string]int64{"order": 1, "stock": 1, "payment": 1, "delivery": 1}},
		{choreographed(), "delivery → payment: POST /booked order-1 #1",
			map[string]int64{"order": 2, "stock": 1, "payment": 1, "delivery": 1}},
	} {
		events := succeed(t, example.variant, fault.Fault{Kind: fault.Lost, Point: example.capture})
		for i, e := range events {
			if e.Kind == event.Receive && e.Service == lab.Client {
				require.Equal(
					t,
					example.want,
					count(events[:i]).Forced,
					"%s: before the answer",
					example.variant.Name,
				)
				require.Equal(
					t,
					map[string]int64{"payment": 1},
					count(events[i:]).Forced,
					"%s: after the answer",
					example.variant.Name,
				)
			}
		}
	}
}

// succeed plays an order that is confirmed.
func succeed(t *testing.T, v lab.Variant, plan ...fault.Fault) []event.Event {
	t.Helper()
	scenario, err := chapter().Scenario("success")
	require.NoError(t, err)
	run := sim.NewStage(t, chapter(), v).Run(t, scenario, nil, plan...)
	require.Empty(t, run.Unfired, "the fault never came")
	require.True(t, run.Told[0].Confirmed())
	return run.Events
}
