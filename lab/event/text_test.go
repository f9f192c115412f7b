package event_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/event"
)

// text draws a run between the services named.
func text(t *testing.T, events []event.Event, columns ...string) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, event.Text(&out, columns, events))
	return out.String()
}

// shows compares a drawing with the drawing that a test expects.
func shows(t *testing.T, r *record, want string) {
	t.Helper()
	require.Equal(t, strings.TrimPrefix(want, "\n"), text(t, r.events, "order", "stock", "payment"))
}

func TestAMessageIsAnArrowFromItsSenderToItsReceiver(t *testing.T) {
	r := &record{}
	r.pass("order", "stock", "POST /hold")
	r.pass("stock", "order", "201")
	shows(t, r, `
order          stock      payment
  ├──POST /hold─►│           │
  │◄────201──────┤           │
`)
}

func TestAMessageCrossesTheLifelinesOnItsWay(t *testing.T) {
	r := &record{}
	r.pass("order", "payment", "POST /pay")
	r.pass("payment", "order", "201")
	shows(t, r, `
order         stock      payment
  ├──POST /pay──┼──────────►│
  │◄────────────┼────201────┤
`)
}

func TestAMessageThatArrivesLaterIsNumberedAtBothEnds(t *testing.T) {
	r := &record{}
	first := r.send("order", "stock", "POST /hold", "")
	second := r.send("payment", "order", "GET /x", "")
	r.receive(second)
	third := r.send("stock", "order", "200", "")
	r.commit("payment", "", true)
	r.receive(third)
	r.receive(first)
	shows(t, r, `
order              stock      payment
  ├╌ POST /hold (1) ╌│           │
  │◄─────────────────┼──GET /x───┤
  │   ╌ 200 (2) ╌╌╌╌╌┤           │
  │                  │           ● commit
  │◄╌╌╌╌╌╌(2)╌╌╌╌╌╌╌╌│           │
  │╌╌╌╌╌╌╌(1)╌╌╌╌╌╌╌►│           │
`)
}

func TestALostMessageEndsInACross(t *testing.T) {
	r := &record{}
	r.lose("order", "stock", "POST /hold", "")
	r.lose("payment", "order", "201", "")
	later := r.send("order", "stock", "GET /", "")
	r.note("order", event.State, "waits", "")
	r.drop(later)
	shows(t, r, `
order           stock      payment
  ├──POST /hold─✕ │           │
  │               │  ✕─201────┤
  ├╌╌ GET / (1) ╌ │           │
  · waits         │           │
  │╌╌╌╌╌╌(1)╌✕    │           │
`)
}

func TestALateMessagePassesBehindTheLifelinesOnItsWay(t *testing.T) {
	r := &record{}
	late := r.send("order", "payment", "PUT /", "")
	r.note("order", event.Crash, "", "")
	r.receive(late)
	shows(t, r, `
order         stock      payment
  ├╌ PUT / (1) ╌│           │
  ✕ crash       │           │
   ╌╌╌╌╌(1)╌╌╌╌╌│╌╌╌╌╌╌╌╌╌╌►│
`)
}

func TestAMessageOnItsWayIsAStub(t *testing.T) {
	r := &record{}
	r.send("order", "payment", "POST /pay", "")
	shows(t, r, `
order         stock      payment
  ├╌ POST /pay ╌│           │
`)
}

func TestAMessageThatArrivesOnceMoreIsAnotherArrow(t *testing.T) {
	r := &record{}
	m := r.send("order", "stock", "POST /hold", "")
	r.receive(m)
	r.receive(m)
	shows(t, r, `
order          stock      payment
  ├──POST /hold─►│           │
  │╌╌POST /hold╌►│           │
`)
}

func TestAMessageThatNobodySentComesFromItsPeer(t *testing.T) {
	r := &record{}
	asked := event.Data{Peer: "order", Text: "POST /hold"}
	r.add(event.Event{Service: "stock", Kind: event.Receive, Message: "m9", Data: asked})
	shows(t, r, `
order          stock      payment
  │╌╌POST /hold╌►│           │
`)
}

func TestALossThatNobodySentStartsWhereItIsTold(t *testing.T) {
	r := &record{}
	asked := event.Data{Peer: "stock", Text: "POST /hold"}
	r.add(event.Event{Service: "order", Kind: event.Drop, Message: "m9", Data: asked})
	shows(t, r, `
order           stock      payment
  │╌╌POST /hold╌✕ │           │
`)
}

func TestALongWayUsesTheRoomThatNeighboursNeed(t *testing.T) {
	r := &record{}
	r.pass("order", "payment", "POST /charge order-1")
	r.pass("stock", "payment", "POST /charge order-1")
	shows(t, r, `
order       stock                   payment
  ├───────────┼──POST /charge order-1─►│
  │           ├──POST /charge order-1─►│
`)
}

func TestACommitIsADotHollowIfUnforced(t *testing.T) {
	r := &record{}
	r.commit("order", "begun", true)
	r.commit("stock", "end", false)
	shows(t, r, `
order       stock      payment
  ● begun     │           │
  │           ○ end       │
`)
}

func TestADeadProcessHasNoLifeline(t *testing.T) {
	r := &record{}
	r.note("stock", event.Crash, "", "power cut")
	r.pass("order", "payment", "POST /pay")
	r.commit("order", "order-1 begun, paid", true) // it may use the place of the dead
	r.note("stock", event.Restart, "up", "")
	r.commit("order", "order-1 begun, paid", true)
	shows(t, r, `
order             stock      payment
  │                 ✕ power cut │
  ├────POST /pay───────────────►│
  ● order-1 begun, paid         │
  │                 ┬ up        │
  ● order-1 begun,… │           │
`)
}

func TestAFaultIsRemarkedOnceAtTheEndOfItsRow(t *testing.T) {
	r := &record{}
	r.lose("order", "stock", "POST /hold", "lost") // the fault is on the send and on the drop
	r.note("payment", event.State, "stands still for long", "pause")
	r.note("order", event.Crash, "", "crash before") // its own word says it
	shows(t, r, `
order           stock      payment
  ├──POST /hold─✕ │           │  ! lost
  │               │           · stands still for long  ! pause
  ✕ crash before  │           │
`)
}

func TestAVerdictGoesAcrossAfterABlankRow(t *testing.T) {
	r := &record{}
	r.commit("order", "begun", true)
	r.note("", event.Verdict, "units are conserved", "")
	r.note("", event.Verdict,
		"order-1 has taken the money of its customer and has no place in any delivery", "")
	shows(t, r, `
order       stock      payment
  ● begun     │           │

units are conserved
order-1 has taken the money of its customer and has no place in any delivery
`)
}

func TestAFaultIsRemarkedBesideTheBeginningOfAVerdict(t *testing.T) {
	r := &record{}
	r.note("", event.Verdict, strings.Repeat("word ", 16), "lost")
	shows(t, r, `
order       stock      payment
word word word word word word word word word word word word word word word  ! lost
word
`)
}

func TestNoLineEndsInABlank(t *testing.T) {
	r := &record{}
	r.commit("payment", "order-1 paid ", true)
	require.Contains(t, text(t, r.events), "● order-1 paid\n")
}

func TestALongVerdictIsBrokenBetweenWords(t *testing.T) {
	r := &record{}
	r.note("", event.Verdict, strings.Repeat("word ", 30), "")
	for line := range strings.SplitSeq(text(t, r.events), "\n") {
		require.LessOrEqual(t, utf8.RuneCountInString(line), 76)
		require.NotContains(t, strings.ReplaceAll(line, "word", ""), "w", "a torn word")
	}
	require.Equal(t, 30, strings.Count(text(t, r.events), "word"))
}

func TestAServiceThatIsNotAmongTheColumnsStandsAtTheRight(t *testing.T) {
	r := &record{}
	r.pass("stock", "ledger", "PUT /")
	r.commit("audit", "seen", true)
	shows(t, r, `
order       stock      payment     ledger       audit
  │           ├───PUT /───┼──────────►│           │
  │           │           │           │           ● seen
`)
}

func TestALongLabelKeepsItsMethodAndPath(t *testing.T) {
	r := &record{}
	r.pass("order", "stock", "GET /recommendations/tea order-1")
	require.Contains(t, text(t, r.events), "├──GET /recommendations/…─►│")
}

func TestServicesWithLongNamesKeepTheirOwnColumns(t *testing.T) {
	r := &record{}
	r.pass("the-payment-service-number-1", "the-payment-service-number-2", "GET /")
	require.Regexp(t, `├─+GET /─+►│`, text(t, r.events))
}

func TestAServiceThatTalksToItselfHasAWordOfIt(t *testing.T) {
	r := &record{}
	r.send("order", "order", "POST /tick", "")
	shows(t, r, `
order        stock      payment
  · POST /tick │           │
`)
}

func TestNothingIsDrawnOfNothing(t *testing.T) {
	require.Equal(t, "\n", text(t, nil))
}

func TestControlCharactersDoNotReachTheTerminal(t *testing.T) {
	r := &record{}
	r.send("or\x1bder", "stock", "GET /\x1b[2J\n\u202e", "l\ro")
	r.commit("stock", "a\tb", true)
	r.note("", event.Verdict, "bad\x07", "")
	drawn := text(t, r.events)
	require.NotRegexp(t, `[\x00-\x09\x0b-\x1f\x{202e}]`, drawn)
	require.Equal(t, 5, strings.Count(drawn, "\n"), drawn)
}

func TestARunOfSixServicesFitsATerminal(t *testing.T) {
	for line := range strings.SplitSeq(text(t, anOrder(), services()...), "\n") {
		diagram, _, _ := strings.Cut(line, "!")
		require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimRight(diagram, " ")), 112, line)
	}
}

func TestALaterEventMovesNothing(t *testing.T) {
	events := wideGaps()
	start := len(events)
	events = append(events, anOrder()...)
	whole := strings.Split(text(t, events, services()...), "\n")
	for n := start + 1; n < len(events); n++ {
		part := strings.Split(text(t, events[:n], services()...), "\n")
		settled := len(part) - 2 // the last row may still become an arrow
		require.Equal(t, part[:settled], whole[:settled], "after %d events", n)
	}
}

func TestALossDoesNotMoveTheLabelOfItsMessage(t *testing.T) {
	r := &record{}
	late := r.send("order", "payment", "GET", "") // its number included, it just fits beside order
	r.pass("stock", "payment", "POST /charge order-1")
	before := text(t, r.events, "order", "stock", "payment")
	r.drop(late)
	require.True(t, strings.HasPrefix(text(t, r.events, "order", "stock", "payment"), before))
}

// wideGaps are messages whose labels give every gap its greatest width.
func wideGaps() []event.Event {
	r := &record{}
	for i, to := range services()[1:] {
		r.send(services()[i], to, "DELETE /the/longest/label/of/all", "")
	}
	for i := range r.events {
		r.events[i].Message = "wide"
	}
	return r.events
}
