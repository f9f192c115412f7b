package event_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/event"
)

// element is a part of a picture.
type element struct {
	name, text string
	attr       map[string]string
}

// svg draws a run and takes the picture apart again.
func svg(t *testing.T, events []event.Event, columns ...string) []element {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, event.SVG(&out, columns, events))
	var list []element
	for d := xml.NewDecoder(&out); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return list
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			e := element{name: token.Name.Local, attr: map[string]string{}}
			for _, a := range token.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			list = append(list, e)
		case xml.CharData:
			if len(list) > 0 {
				list[len(list)-1].text += strings.TrimSpace(string(token))
			}
		}
	}
}

// of gives the elements of one name and class.
func of(list []element, name, class string) (found []element) {
	for _, e := range list {
		if e.name == name && slices.Contains(strings.Fields(e.attr["class"]), class) {
			found = append(found, e)
		}
	}
	return found
}

// texts gives what is written in a class.
func texts(list []element, class string) (found []string) {
	for _, e := range of(list, "text", class) {
		found = append(found, e.text)
	}
	return found
}

// number reads a coordinate.
func number(t *testing.T, text string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return n
}

// begins is the x at which a path begins.
func begins(t *testing.T, path element) float64 {
	t.Helper()
	x, _, _ := strings.Cut(strings.TrimPrefix(path.attr["d"], "M"), " ")
	return number(t, x)
}

func TestAPictureShowsEveryEvent(t *testing.T) {
	p := svg(t, anOrder(), services()...)
	require.Equal(t, services(), texts(p, "name"))
	require.Len(t, of(p, "path", "message"), 16)
	require.Len(t, of(p, "path", "reply"), 6)
	require.Len(t, of(p, "path", "head"), 13)
	require.Len(t, of(p, "path", "lost"), 3)
	require.Len(t, of(p, "circle", "forced"), 5)
	require.Len(t, of(p, "circle", "unforced"), 2)
	require.Len(t, of(p, "path", "crash"), 1)
	require.Len(t, of(p, "path", "restart"), 1)
	require.Len(t, of(p, "circle", "state"), 4)
	require.Equal(t, []string{
		"! reply lost", "! delivered late",
		"! delivered twice", "! delivered twice", "! delivered twice",
		"! lost",
	}, texts(p, "fault"))
	require.Len(t, texts(p, "verdict"), 2)
}

func TestAPictureSaysInWordsWhatItShows(t *testing.T) {
	var title, desc string
	for _, e := range svg(t, anOrder(), services()...) {
		switch e.name {
		case "svg":
			require.Equal(t, "img", e.attr["role"])
		case "title":
			title = e.text
		case "desc":
			desc = e.text
		}
	}
	const columns = "client, order, stock, payment, delivery and recommend"
	require.Equal(t, "Space-time diagram of "+columns, title)
	require.Equal(t, "Time goes down. 16 messages, 3 of them lost; "+
		"7 commits, 5 of them forced to the disk; 1 crash. "+
		"Verdict: order-1 has all of its effects exactly once; "+
		"units, money and places are conserved; nothing is stuck.", desc)
}

func TestATitleListsTheServices(t *testing.T) {
	for want, columns := range map[string][]string{
		"Space-time diagram of a run":           nil,
		"Space-time diagram of order":           {"order"},
		"Space-time diagram of order and stock": {"order", "stock"},
	} {
		require.Equal(t, want, svg(t, nil, columns...)[1].text)
	}
}

func TestAMessageSlantsFromWhereItIsSentToWhereItEnds(t *testing.T) {
	r := &record{}
	late := r.send("order", "stock", "a", "")
	r.pass("stock", "order", "200")
	r.lose("order", "stock", "b", "")
	r.receive(late)
	p := svg(t, r.events, "order", "stock")
	var ways []string
	for _, m := range of(p, "path", "message") {
		ways = append(ways, m.attr["d"])
	}
	require.Equal(t, []string{
		"M34.0 72.0L118.0 162.0", // three rows down
		"M118.0 96.0L34.0 108.0", // within a row, to the left
		"M34.0 126.0L90.0 138.0", // two thirds of the way
	}, ways)
	require.Equal(t, []string{"a (1)", "(1)", "200", "b"}, texts(p, "label"))
}

func TestACrossOfALostMessageStandsOnNoLifeline(t *testing.T) {
	r := &record{}
	for _, to := range services()[1:] {
		r.lose("client", to, "POST /", "")
		r.lose(to, "client", "200", "")
	}
	p := svg(t, r.events, services()...)
	require.Len(t, of(p, "path", "lost"), 10)
	for _, cross := range of(p, "path", "lost") {
		for _, name := range of(p, "text", "name") {
			require.Greater(t, math.Abs(begins(t, cross)+5-number(t, name.attr["x"])), 10.0)
		}
	}
}

func TestALostMessageHasGoneMoreThanHalfItsWay(t *testing.T) {
	for _, to := range services()[1:] {
		r := &record{}
		r.lose("client", to, "POST /", "")
		r.lose(to, "client", "200", "")
		p := svg(t, r.events, services()...)
		client, there := number(t, of(p, "text", "name")[0].attr["x"]), 0.0
		for _, name := range of(p, "text", "name") {
			if name.text == to {
				there = number(t, name.attr["x"])
			}
		}
		crosses, half := of(p, "path", "lost"), (client+there)/2
		require.Greater(t, begins(t, crosses[0])+5, half, to)
		require.Less(t, begins(t, crosses[0])+5, there, to)
		require.Less(t, begins(t, crosses[1])+5, half, to)
		require.Greater(t, begins(t, crosses[1])+5, client, to)
	}
}

func TestAMessageThatNobodySentIsDrawnInItsRow(t *testing.T) {
	r := &record{}
	asked := event.Data{Peer: "order", Text: "GET /"}
	r.add(event.Event{Service: "stock", Kind: event.Receive, Message: "m9", Data: asked})
	p := svg(t, r.events, "order", "stock")
	require.Equal(t, "M34.0 66.0L118.0 78.0", of(p, "path", "message")[0].attr["d"])
}

func TestALifelineHasAGapWhileItsProcessIsDead(t *testing.T) {
	r := &record{}
	r.commit("stock", "", true)
	r.note("stock", event.Crash, "", "")
	r.note("order", event.State, "waits", "")
	r.note("stock", event.Restart, "", "")
	r.note("stock", event.Restart, "", "") // it is up already
	r.note("stock", event.Crash, "", "")
	r.note("stock", event.Crash, "", "") // it is dead already
	var lines []string
	for _, l := range of(svg(t, r.events, "order", "stock"), "path", "lifeline") {
		lines = append(lines, l.attr["d"])
	}
	require.Equal(t, []string{
		"M34 42V267",
		"M118 42V102", "M118 162V222",
	}, lines)
}

func TestAVerdictStandsBelowTheLifelines(t *testing.T) {
	r := &record{}
	r.commit("order", "", true)
	r.note("", event.Verdict, "units are conserved", "")
	p := svg(t, r.events, "order")
	require.Equal(t, "M34 42V87", of(p, "path", "lifeline")[0].attr["d"])
	require.Greater(t, number(t, of(p, "text", "verdict")[0].attr["y"]), 87.0)
}

func TestWordsInAPictureAreEscaped(t *testing.T) {
	r := &record{}
	const nasty = `<b> & "q"`
	r.pass(nasty, "stock", nasty)
	r.note("stock", nasty, nasty, nasty)
	r.note("", event.Verdict, nasty, "")
	p := svg(t, r.events) // well-formed, or the test has ended
	require.Equal(t, []string{nasty, "stock"}, texts(p, "name"))
	require.Equal(t, []string{nasty}, texts(p, "label"))
	require.Equal(t, []string{nasty}, texts(p, "state"))
	require.Equal(t, []string{nasty}, texts(p, "verdict"))
}

func TestAPictureHoldsAllOfItsWords(t *testing.T) {
	p := svg(t, anOrder(), services()...)
	for _, e := range p {
		if e.name != "text" {
			continue
		}
		end := number(t, e.attr["x"])
		switch {
		case slices.Contains(strings.Fields(e.attr["class"]), "end"):
		case strings.HasPrefix(e.attr["class"], "name"), e.attr["class"] == "label":
			end += 7 * float64(len([]rune(e.text))) / 2
		default:
			end += 7 * float64(len([]rune(e.text)))
		}
		require.Less(t, end, number(t, p[0].attr["width"]), e.text)
		require.Less(t, number(t, e.attr["y"]), number(t, p[0].attr["height"]), e.text)
	}
}

func TestTheSameRunIsTheSamePicture(t *testing.T) {
	var first bytes.Buffer
	require.NoError(t, event.SVG(&first, services(), anOrder()))
	for range 20 {
		var again bytes.Buffer
		require.NoError(t, event.SVG(&again, services(), anOrder()))
		require.Equal(t, first.String(), again.String())
	}
}

func TestALaterEventMovesNothingInAPicture(t *testing.T) {
	events := wideGaps()
	start := len(events)
	events = append(events, anOrder()...)
	whole := settled(svg(t, events, services()...))
	for n := start + 1; n < len(events); n++ {
		for _, e := range settled(svg(t, events[:n], services()...)) {
			here := slices.ContainsFunc(whole, func(w element) bool {
				return reflect.DeepEqual(w, e)
			})
			require.True(t, here, "after %d events: %v", n, e)
		}
	}
}

// settled leaves out what may still grow: the picture, its lifelines, and
// messages on their way.
func settled(list []element) (found []element) {
	heads, losses := of(list, "path", "head"), of(list, "path", "lost")
	found = slices.Concat(heads, losses, of(list, "path", "crash"))
	for _, e := range list {
		if e.name == "circle" || e.name == "text" && !strings.HasPrefix(e.attr["class"], "label") {
			found = append(found, e)
		}
	}
	return found
}
