package sim_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/sim"
)

func TestCompensationsComeInReverseOrder(t *testing.T) {
	promise := lab.Messages{Most: 10, Undoes: map[string]string{
		"POST /give-back": "POST /take", "POST /void": "POST /authorize",
	}}
	for _, row := range []struct {
		about string
		ops   []string
		found []string
	}{
		{"both are undone", []string{"take", "authorize", "void", "give-back"}, nil},
		{"one is undone twice", []string{"take", "authorize", "void", "give-back", "void"}, nil},
		{"only the first was done", []string{"take", "give-back"}, nil},
		{"the first is undone first", []string{"take", "authorize", "give-back", "void"}, []string{
			"a compensation out of order: order → payment: POST /void order-1 #1",
		}},
		{"what was never done is undone", []string{"take", "void", "give-back"}, nil},
	} {
		t.Run(row.about, func(t *testing.T) {
			t.Parallel()
			var events []event.Event
			for _, op := range row.ops {
				events = append(events, sends("order → payment: POST /"+op+" order-1 #1"))
			}
			var found []string
			for _, f := range sim.BrokenPromises(promise, events) {
				require.Equal(t, lab.RightMessages, f.Invariant)
				found = append(found, f.String())
			}
			require.Equal(t, row.found, found)
		})
	}
}

func TestAnOrderHasABoundOfRequests(t *testing.T) {
	t.Parallel()
	events := make([]event.Event, 0, 4)
	for _, point := range []string{
		"order → stock: POST /take order-1 #1", "order → stock: POST /take order-1 #2",
		"order → stock: POST /take order-2 #1", "order → stock: GET /take order-1 #3",
	} {
		events = append(events, sends(point))
	}
	require.Empty(t, sim.BrokenPromises(lab.Messages{Most: 2}, events), "a question is free")
	require.Empty(t, sim.BrokenPromises(lab.Messages{}, events), "nothing is promised")
	require.Equal(t, []lab.Finding{{
		Invariant: lab.RightMessages, Damage: "too many requests",
		Text: "order-1: more than 1 requests",
	}}, sim.BrokenPromises(lab.Messages{Most: 1}, events))
}

func TestWhatIsAnsweredIsNotSentAgain(t *testing.T) {
	t.Parallel()
	promise := lab.Messages{Most: 9}
	const (
		first = "stock → payment: POST /taken order-1 #1"
		again = "stock → payment: POST /taken order-1 #2"
	)
	answer := []event.Event{
		{
			Service: "payment", Kind: event.Send, Message: "m1",
			Data: event.Data{Reply: true, Text: "200"},
		},
		{
			Service: "stock", Kind: event.Receive, Message: "m1", Point: first,
			Data: event.Data{Reply: true},
		},
	}
	run := slices.Concat([]event.Event{sends(first)}, answer, []event.Event{sends(again)})
	require.Empty(t, sim.BrokenPromises(promise, run), "no message came again")
	twice := event.Event{Service: "stock", Data: event.Data{Fault: "delivered twice"}}
	run = append([]event.Event{twice}, run...)
	require.Equal(t, []lab.Finding{{
		Invariant: lab.RightMessages, Damage: "an answered request again", Text: again,
	}}, sim.BrokenPromises(promise, run))

	crash := event.Event{Service: "stock", Data: event.Data{Fault: "crash"}}
	run = append(run, crash)
	require.Empty(t, sim.BrokenPromises(promise, run), "a dead process may not know of it")
	run = []event.Event{twice, sends(first), sends(again)}
	require.Empty(t, sim.BrokenPromises(promise, run), "it was not answered")
}

func sends(point string) event.Event {
	service, _, _ := strings.Cut(point, " → ")
	_, text, _ := strings.Cut(point, ": ")
	return event.Event{
		Service: service, Kind: event.Send, Point: point, Data: event.Data{Text: text},
	}
}
