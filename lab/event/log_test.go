package event_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/event"
)

func TestALogIsReadAsItWasWritten(t *testing.T) {
	full := event.Event{
		Seq: 7, Lamport: 5, Service: "order", Kind: event.Send, Message: "m3",
		Point: "order → payment: POST /charge order-1 #2",
		Data: event.Data{
			Peer: "payment", Text: "a\n<b> \"c\"", Fault: "lost", Reply: true, Forced: true,
		},
	}
	want := append(anOrder(), full)
	var log bytes.Buffer
	require.NoError(t, event.Write(&log, want))
	require.Equal(t, len(want), strings.Count(log.String(), "\n"), "one event a line")

	got, err := event.Read(&log)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestALineOfALogIsShort(t *testing.T) {
	var log bytes.Buffer
	crash := event.Event{Seq: 1, Service: "stock", Kind: event.Crash}
	require.NoError(t, event.Write(&log, []event.Event{crash}))
	require.Equal(t, `{"seq":1,"lamport":0,"service":"stock","kind":"crash"}`+"\n", log.String())
}

func TestAnEmptyLogHasNoEvents(t *testing.T) {
	events, err := event.Read(strings.NewReader(""))
	require.NoError(t, err)
	require.Empty(t, events)
}

func TestABadLineIsNamedByItsNumber(t *testing.T) {
	good := `{"seq":1,"lamport":1,"service":"order","kind":"state"}`
	for _, row := range []struct{ name, bad, want string }{
		{"torn by a crash", `{"seq":2,"lam`, "not one JSON value"},
		{"empty", ``, "not one JSON value"},
		{"two on a line", good + good, "not one JSON value"},
		{"no object", `[]`, "cannot unmarshal array"},
		{"a number as text", `{"seq":"2","kind":"state"}`, "cannot unmarshal string"},
		{"a misspelt field", `{"seq":2,"kind":"state","servce":"order"}`, `unknown field "servce"`},
		{"a misspelt kind", `{"seq":2,"kind":"recieve"}`, `unknown kind of event "recieve"`},
		{"no kind", `{"seq":2}`, "no kind of event"},
	} {
		t.Run(row.name, func(t *testing.T) {
			events, err := event.Read(strings.NewReader(good + "\n" + row.bad + "\n" + good + "\n"))
			require.ErrorContains(t, err, "read event log: line 2: ")
			require.ErrorContains(t, err, row.want)
			require.Nil(t, events)
		})
	}
}

func TestALineThatIsTooLongIsRefusedBothWays(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	err := event.Write(io.Discard, []event.Event{
		{Kind: event.State},
		{Kind: event.State, Data: event.Data{Text: long}},
	})
	require.ErrorIs(t, err, event.ErrLineTooLong)
	require.ErrorContains(t, err, "line 2")

	_, err = event.Read(strings.NewReader(`{"kind":"state","point":"` + long + `"}`))
	require.ErrorIs(t, err, event.ErrLineTooLong)
	require.ErrorContains(t, err, "line 1")
}

func TestALineOfTheGreatestLengthIsWrittenAndRead(t *testing.T) {
	empty := len(`{"seq":0,"lamport":0,"kind":"state","data":{"text":""}}`)
	longest := strings.Repeat("x", 1<<20-empty)
	want := []event.Event{{Kind: event.State, Data: event.Data{Text: longest}}}
	var log bytes.Buffer
	require.NoError(t, event.Write(&log, want))
	got, err := event.Read(&log)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestAnErrorOfTheFileIsPassedOn(t *testing.T) {
	broken := errors.New("broken")
	_, err := event.Read(iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)
	require.ErrorIs(t, event.Write(full{broken}, anOrder()), broken)
	require.ErrorIs(t, event.Text(full{broken}, services(), anOrder()), broken)
	require.ErrorIs(t, event.SVG(full{broken}, services(), anOrder()), broken)
}

// full is a disk that takes nothing.
type full struct{ err error }

func (f full) Write([]byte) (int, error) { return 0, f.err }
