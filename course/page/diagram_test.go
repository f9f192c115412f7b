package page_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/event"
)

// replays opens a run on the page for replays.
func replays(t *testing.T, tab context.Context, run []event.Event) {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, event.Write(&out, run))
	file := filepath.Join(t.TempDir(), "run.jsonl")
	require.NoError(t, os.WriteFile(file, out.Bytes(), 0o600))
	do(t, tab, chromedp.SetUploadFiles(chromedp.CSS("input[type=file]"), []string{file}),
		until(fmt.Sprintf(nowText+`.startsWith("1 of %d.")`, len(run))))
}

// besideLines is how far the middle of each head is from its lifeline.
const besideLines = `(() => {
	const middle = (e) => {
		const box = e.getBoundingClientRect();
		return box.left + box.width / 2;
	};
	const lines = [...document.querySelectorAll(".rows .lifeline")].map(middle);
	const heads = [...document.querySelectorAll(".heads .name")].map(middle);
	return heads.map((head, i) => Math.abs(head - lines[i]));
})()`

func TestEachHeadIsAboveItsLifeline(t *testing.T) {
	server := serve(t, opened(t, toy))
	tab := chromium(t)
	visit(t, tab, server.URL+"/-/replay")
	for n := 1; n <= 7; n++ {
		var run []event.Event
		for i := range n {
			run = append(run, event.Event{Service: fmt.Sprint("service-", i), Kind: event.Commit})
		}
		replays(t, tab, run)
		for _, width := range []int64{360, 1280} {
			do(t, tab, look(width, "light"))
			off := eval[[]float64](t, tab, besideLines)
			require.Len(t, off, n)
			for i, by := range off {
				require.Less(t, by, 1.5, "head %d of %d in a window of %d", i+1, n, width)
			}
		}
	}
}

// watch keeps the numbers of the events that are shown, in window.seen.
const watch = `window.seen = []; new MutationObserver(() => {
	const now = document.querySelector(".now").textContent.split(" of ")[0];
	if (seen.at(-1) !== now) seen.push(now);
}).observe(document.querySelector(".now"), { childList: true })`

func TestARunIsSeenFromItsStartAtAPaceThatCanBeFollowed(t *testing.T) {
	server := serve(t, opened(t, toy))
	tab := chromium(t)
	stage(t, tab, server.URL+"/ch01-toy/")
	last := until(nowText + `.startsWith("5 of 5")`)
	do(t, tab, features("light", "no-preference"), js(watch), click(play), last)
	seen := eval[[]string](t, tab, `window.seen`)
	require.Equal(t, []string{"1", "2", "3", "4", "5"}, seen, "one event after the other")

	do(t, tab, features("light", "reduce"), click("[data-do=reset]"),
		until(nowText+` === "Nothing has happened yet."`), js(`window.seen = []`),
		click(play), last)
	// What has come is shown at once: on a slow machine that may be in two or three parts.
	require.Less(t, len(eval[[]string](t, tab, `window.seen`)), 4, "parts in which it is shown")
}

func TestSteppingBackTheStatusSaysWhatWasTrueThen(t *testing.T) {
	server := serve(t, opened(t, toy))
	tab := chromium(t)
	stage(t, tab, server.URL+"/ch01-toy/")
	do(t, tab, click(play), until(done(1)), click("[data-step=first]"))
	said := func() string {
		return eval[string](t, tab, `document.querySelector("#live [data-show=said]").textContent`)
	}
	require.Equal(t, "This is how it was after event 1 of 5.", said())
	const off = `document.querySelector(".services button").ariaDisabled === "true"`
	require.True(t, eval[bool](t, tab, off), "nothing can be done to the past")
	do(t, tab, click("[data-step=follow]"))
	require.Equal(t, "Play “success”: done", said())
}

// clickOn clicks in the middle of an element.
func clickOn(selector string) chromedp.Action[chromedp.Void] {
	return js(fmt.Sprintf(`(() => {
		const e = document.querySelector(%q), box = e.getBoundingClientRect();
		const at = { clientX: box.x + box.width / 2, clientY: box.y + box.height / 2 };
		e.dispatchEvent(new MouseEvent("click", { bubbles: true, ...at }));
	})()`, selector))
}

// lose chooses the first of what the drawing offers.
const lose = `[...document.querySelectorAll(".offer button")]
	.find((b) => b.textContent === "Lose it").click()`

func TestAClickInTheDrawingOffersWhatCanGoWrongThere(t *testing.T) {
	server := serve(t, opened(t, toy))
	tab := chromium(t)
	stage(t, tab, server.URL+"/ch01-toy/")
	do(t, tab, click(play), until(done(1)))
	offered := func() string {
		const open = `document.querySelector(".offer:popover-open")?.innerText ?? ""`
		return eval[string](t, tab, open)
	}
	for place, want := range map[string]string{
		".rows .message":      "Lose it",
		".rows circle.commit": "Crash just before",
		".rows g > .lifeline": "Deliver it late",
	} {
		do(t, tab, clickOn(place))
		require.Contains(t, offered(), want, "on %s", place)
	}
	const struck = "lost @ client → order: POST /orders order-1 #1"
	do(t, tab, clickOn(".rows .message"), js(lose),
		until(fmt.Sprintf(`document.querySelector(".log").textContent.includes(%q)`, struck)),
		until(logged("Play “success”: done")))
	require.Empty(t, offered())
}

// covered lists the labels that lie on a line of the drawing, or on another label.
const covered = `(() => {
	const lines = [...document.querySelectorAll(".rows :is(.lifeline, .message)")];
	const labels = [...document.querySelectorAll(".rows .label")];
	return labels.filter((label) => {
		const box = label.getBBox();
		const apart = (a, b, side, size) => a[side] + a[size] - 4 < b[side];
		const over = (other) => ["x", "y"].every((side, i) => {
			const size = ["width", "height"][i], b = other.getBBox();
			return !apart(box, b, side, size) && !apart(b, box, side, size);
		});
		if (labels.some((other) => other !== label && over(other))) return true;
		const inside = ({ x, y }) => x > box.x && x < box.x + box.width &&
			y > box.y + 1 && y < box.y + box.height - 1;
		return lines.some((line) => {
			let at = Math.ceil(line.getTotalLength());
			while (at >= 0 && !inside(line.getPointAtLength(at))) at--;
			return at >= 0;
		});
	}).map((label) => label.textContent);
})()`

// twoPhases is a run in which order asks three services twice, all at once, and answers
// its client in between.
func twoPhases() (run []event.Event) {
	add := func(kind event.Kind, at, peer, id, text string, reply bool) {
		e := event.Event{Service: at, Kind: kind, Message: id}
		e.Data = event.Data{Peer: peer, Text: text, Reply: reply}
		run = append(run, e)
	}
	others := []string{"stock", "payment", "delivery"}
	for _, ask := range []string{"/prepare", "/commit"} {
		for _, other := range others {
			add(event.Send, "order", other, other+ask, "POST "+ask, false)
			add(event.Receive, other, "order", other+ask, "", false)
			run = append(run, event.Event{Service: other, Kind: event.Commit})
			add(event.Send, other, "order", other+ask+"'s", "200", true)
		}
		for _, other := range others {
			add(event.Receive, "order", other, other+ask+"'s", "", true)
		}
		if ask == "/prepare" {
			run = append(run, event.Event{Service: "order", Kind: event.Commit})
			add(event.Send, "order", "client", "order's", "201", true)
			add(event.Receive, "client", "order", "order's", "", true)
		}
	}
	return run
}

// shuffled is the same run in another order that could have been: each service does what
// it did, one after the other, and a message arrives after it was sent.
func shuffled(seed uint64, run []event.Event) (other []event.Event) {
	r, sent, left := rand.New(rand.NewPCG(seed, 0)), map[string]bool{}, slices.Clone(run)
	for len(left) > 0 {
		var next []int
		waits := map[string]bool{} // by service: it has an earlier event to come
		for i, e := range left {
			if !waits[e.Service] && (e.Kind != event.Receive || sent[e.Message]) {
				next = append(next, i)
			}
			waits[e.Service] = true
		}
		i := next[r.IntN(len(next))]
		sent[left[i].Message] = true
		other = append(other, left[i])
		left = slices.Delete(left, i, i+1)
	}
	return other
}

// TestOfAHundredLabelsHardlyOneLiesOnALineOrOnAnotherLabel allows a few: where many arrows
// cross there is sometimes no free place. The words are still read then, as a rim keeps lines
// away from them.
func TestOfAHundredLabelsHardlyOneLiesOnALineOrOnAnotherLabel(t *testing.T) {
	server := serve(t, opened(t, toy))
	tab := chromium(t)
	visit(t, tab, server.URL+"/-/replay")
	var columns []event.Event
	for _, service := range []string{"client", "order", "stock", "payment", "delivery"} {
		columns = append(columns, event.Event{Service: service, Kind: event.State})
	}
	var labels int
	var lie []string
	for seed := range uint64(36) {
		replays(t, tab, append(columns[:5:5], shuffled(seed, twoPhases())...))
		do(t, tab, click("[data-step=last]"))
		labels += eval[int](t, tab, `document.querySelectorAll(".rows .label").length`)
		lie = append(lie, eval[[]string](t, tab, covered)...)
	}
	require.Greater(t, labels, 500)
	require.Less(t, len(lie), labels/100, "of %d labels: %v", labels, lie)
}

func TestAVerdictIsReadToItsEnd(t *testing.T) {
	server := serve(t, opened(t, toy))
	tab := chromium(t)
	visit(t, tab, server.URL+"/-/replay")
	const verdict = "payment does not add up: payment ada is 8000 and should be 9000"
	replays(t, tab, []event.Event{
		{Service: "order", Kind: event.Commit},
		{Kind: event.Verdict, Data: event.Data{Text: verdict}},
	})
	do(t, tab, click("[data-step=last]"))
	const over = `(() => {
		const { right } = document.querySelector(".rows").getBoundingClientRect();
		const ends = [...document.querySelectorAll(".rows .verdict")]
			.map((e) => e.getBoundingClientRect().right);
		return Math.max(...ends) - right;
	})()`
	require.Less(t, eval[float64](t, tab, over), 0.0)
}

// loud tells whether the one fault of a drawing stands out.
const loud = `(() => {
	const style = (s) => getComputedStyle(document.querySelector(".rows " + s));
	const size = (s) => parseFloat(style(s).fontSize);
	return style(".fault").fontWeight >= 700 && size(".fault") > size("text.commit") &&
		document.querySelectorAll(".rows .struck").length === 1;
})()`

func TestTheFaultIsTheLoudestThingInTheDrawing(t *testing.T) {
	server := serve(t, opened(t, toy))
	tab := chromium(t)
	visit(t, tab, server.URL+"/-/replay")
	lost := event.Data{Peer: "stock", Text: "POST /take", Fault: "lost"}
	replays(t, tab, []event.Event{
		{Service: "order", Kind: event.Commit},
		{Service: "order", Kind: event.Send, Message: "m1", Data: lost},
		{Service: "order", Kind: event.Drop, Message: "m1", Data: lost},
	})
	do(t, tab, click("[data-step=last]"))
	require.True(t, eval[bool](t, tab, loud))
}

func TestANarrowPageSaysThatThereIsMoreAndFitsItIn(t *testing.T) {
	server := serve(t, opened(t, toy))
	tab := chromium(t)
	do(t, tab, look(360, "light"))
	visit(t, tab, server.URL+"/-/replay")
	run := []event.Event{}
	for i := range 6 {
		run = append(run, event.Event{Service: fmt.Sprint("service-", i), Kind: event.Commit})
	}
	replays(t, tab, run)
	const over = `(() => {
		const canvas = document.querySelector(".canvas");
		return canvas.scrollWidth - canvas.clientWidth;
	})()`
	const hinted = `document.querySelector(".wider").checkVisibility()`
	const marked = `document.querySelector(".canvas").matches(".more")`
	require.Positive(t, eval[int](t, tab, over))
	require.True(t, eval[bool](t, tab, hinted+" && "+marked))
	do(t, tab, click("[data-step=fit]"))
	require.Zero(t, eval[int](t, tab, over))
	require.False(t, eval[bool](t, tab, marked))
	do(t, tab, look(1280, "light"), until("!"+hinted))
}
