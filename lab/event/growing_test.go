package event_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/event"
)

// grown is what is to be seen when every piece is put in its place.
func grown(columns []string, events []event.Event) (shown map[string]event.Piece, rows int) {
	g, shown := event.Grow(columns), map[string]event.Piece{}
	for _, e := range events {
		for _, p := range g.Add(e) {
			shown[p.ID] = p
		}
	}
	return shown, g.Rows()
}

// signs counts the elements of a picture by their class.
func signs(svg string) map[string]int {
	count := map[string]int{}
	for _, part := range strings.Split(svg, `class="`)[1:] {
		class, _, _ := strings.Cut(part, `"`)
		if strings.HasPrefix(class, "label") {
			class = "label" // wherever there is room
		}
		if class != "lifeline" { // one a life, or one a row
			count[class]++
		}
	}
	return count
}

func TestAGrowingPictureEndsAsTheWholeOneDoes(t *testing.T) {
	events := anOrder()
	var whole bytes.Buffer
	require.NoError(t, event.SVG(&whole, services(), events))
	shown, _ := grown(services(), events)
	g := event.Grow(services())
	var pieces strings.Builder
	pieces.WriteString(g.Heads())
	for _, p := range shown {
		pieces.WriteString(p.SVG)
	}
	want := signs(whole.String())
	for _, frame := range []string{"spacetime", "ground"} { // the page itself has them
		delete(want, frame)
	}
	want["struck"] = 7 // a band behind each of six faults and a crash
	want["fault"] += 4 // "delivered twice" and "delivered late" stand in two lines
	require.Equal(t, want, signs(pieces.String()))
}

func TestAFurtherEventChangesOnlyTheLastRowAndTheMessagesThatItEnds(t *testing.T) {
	g, rows := event.Grow(services()), 0
	for _, e := range anOrder() {
		for _, p := range g.Add(e) {
			if strings.HasPrefix(p.ID, "row") || strings.HasPrefix(p.ID, "words") {
				require.GreaterOrEqual(t, p.Row, rows-1, "%s changes %s", e.Sentence(), p.ID)
			}
		}
		rows = g.Rows()
	}
}

func TestAServiceThatIsNoColumnGetsOneWhileThePictureGrows(t *testing.T) {
	g := event.Grow([]string{"order"})
	before := g.Width()
	asked := event.Data{Peer: "stock", Text: "POST /take"}
	g.Add(event.Event{Service: "order", Kind: event.Send, Message: "m1", Data: asked})
	require.Greater(t, g.Width(), before)
	require.Contains(t, g.Heads(), "stock")
}

func TestEveryEventIsASentence(t *testing.T) {
	say := func(e event.Event) string { return e.Sentence() }
	events := []event.Event{
		{Service: "order", Kind: event.Send, Message: "m1",
			Data: event.Data{Peer: "stock", Text: "POST /take", Fault: "lost"}},
		{Service: "order", Kind: event.Drop, Message: "m1", Data: event.Data{Peer: "stock"}},
		{Service: "stock", Kind: event.Send, Message: "m2",
			Data: event.Data{Peer: "order", Text: "200", Reply: true}},
		{Service: "order", Kind: event.Receive, Message: "m2",
			Data: event.Data{Peer: "stock", Reply: true}},
		{Service: "stock", Kind: event.Commit, Point: "stock: commit POST /take order-1 #1",
			Data: event.Data{Forced: true}},
		{Service: "stock", Kind: event.Commit},
		{Service: "stock", Kind: event.Crash, Data: event.Data{Fault: "crash after"}},
		{Service: "stock", Kind: event.Restart},
		{Service: "order", Kind: event.State, Data: event.Data{Text: "gave up"}},
		{Kind: event.Verdict, Data: event.Data{Text: "nothing is broken"}},
	}
	require.Equal(t, []string{
		"order sends POST /take (m1) to stock; fault: lost",
		"order loses (m1) between it and stock",
		"stock answers 200 (m2) to order",
		"order has the answer (m2) from stock",
		"stock commits POST /take order-1 #1, forced to the disk",
		"stock commits, not forced to the disk",
		"stock is dead: crash after",
		"stock is up again, on the same files",
		"order notes: gave up",
		"Verdict: nothing is broken",
	}, slices.Collect(func(yield func(string) bool) {
		for _, e := range events {
			if !yield(say(e)) {
				return
			}
		}
	}))
}

func TestAPictureMayBeginWithAMessageAcrossSeveralLifelines(t *testing.T) {
	list := services()
	from, to := list[len(list)-1], list[0]
	g := event.Grow(list)
	sent := event.Event{Service: from, Kind: event.Send, Message: "m1"}
	sent.Data = event.Data{Peer: to, Text: "POST /fetch/" + from}
	g.Add(sent)
	received := event.Event{Service: to, Kind: event.Receive, Message: "m1"}
	received.Data.Peer = from
	require.NotEmpty(t, g.Add(received), "%s hears %s", to, from)
}
