package page_test

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// experiment is a button of a lesson, and what the lesson says will be seen.
type experiment struct{ Variant, Scenario, Fault, Says string }

// besides lists the buttons of the lesson in a tab. What the lesson says stands in the
// answer that follows the button.
const besides = `[...document.querySelectorAll(".beside")].map((b) => {
	let after = b.closest("figure");
	while (after && !after.matches("details")) after = after.nextElementSibling;
	const { variant = "", scenario = "", fault = "" } = b.dataset;
	return { variant, scenario, fault, says: after?.textContent ?? "" };
})`

const (
	logLines = `[...document.querySelectorAll(".log li")].map((e) => e.textContent)`
	variants = `[...document.querySelector("[name=variant]").options].map((o) => o.value)`
)

// logged is the condition that the latest line of the log begins so.
func logged(words string) string {
	const line = `document.querySelector(".log li[data-done]")`
	return fmt.Sprintf(line+`?.textContent.startsWith(%q)`, words)
}

// choose chooses a variant and begins anew.
func choose(variant string) chromedp.Action[chromedp.Void] {
	return chromedp.Steps(
		js(fmt.Sprintf(`document.querySelector("[name=variant]").value = %q`, variant)),
		click("[data-do=reset]"), until(`document.querySelector(".log").children.length === 1`),
		until(logged("Start over: done")))
}

// lines returns what follows a word at the beginning of a line.
func (e experiment) lines(word string) (list []string) {
	line := regexp.MustCompile(`(?m)^` + word + ` +(.*)$`)
	for _, found := range line.FindAllStringSubmatch(e.Says, -1) {
		list = append(list, found[1])
	}
	return list
}

// proves tells whether the live services have shown what the lesson says, and how.
func (e experiment) proves(t *testing.T, tab context.Context) {
	t.Helper()
	scenario := cmp.Or(e.Scenario, "success")
	var command strings.Builder
	command.WriteString(fmt.Sprintf("-variant '%s' -scenario '%s'", e.Variant, scenario))
	for fault := range strings.SplitSeq(e.Fault, "\n") {
		command.WriteString(" -fault '" + strings.ReplaceAll(fault, "->", "→") + "'")
	}
	log := eval[[]string](t, tab, logLines)
	require.Contains(t, log[0], command.String(), "the command that repeats the run")
	if told := e.lines("told"); len(told) > 0 {
		require.Contains(t, log[1], "”: "+strings.Join(told, "; "), "what the client was told")
	}
	meter := eval[string](t, tab, `document.querySelector(".meter").dataset.meter`)
	for _, broken := range e.lines("BROKEN") {
		require.Equal(t, "broken", meter)
		require.Contains(t, log[0], broken)
	}
	if len(e.lines("verdict")) > 0 {
		require.Equal(t, "whole", meter)
	}
}

func TestALessonsButtonTakesTheLessonsVariant(t *testing.T) {
	server := serve(t, opened(t, toy))
	tab := chromium(t)
	stage(t, tab, server.URL+"/ch01-toy/")
	do(t, tab, choose("one thing"), click(".beside"),
		until(logged("Wait and check: done")+`|| document.querySelector(".log .bad")`))
	chosen := eval[string](t, tab, `document.querySelector("[name=variant]").value`)
	require.Equal(t, "two things", chosen)
	require.Len(t, eval[[]string](t, tab, events), 5)
}

func TestAPlanThatFailsStopsAndIsSaidInPlaceOfTheMeter(t *testing.T) {
	server := serve(t, opened(t, toy))
	tab := chromium(t)
	stage(t, tab, server.URL+"/ch01-toy/")
	do(t, tab, choose("one thing"),
		js(`document.querySelector("input[name=fault]").value = "lost @ nothing"`),
		click("form[data-command=plan] button[value=again]"),
		until(`document.querySelector(".log .bad")`),
		click("[data-do=settle]"), until(logged("Wait and check: done")))
	meter := eval[string](t, tab, `document.querySelector(".meter").textContent`)
	require.Equal(t, "This was not played: there is no client.", meter)
	require.Empty(t, eval[[]string](t, tab, events), "the play does not go on")
}

func TestEveryButtonOfALessonShowsWhatTheLessonSays(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves it out: it takes a minute")
	}
	server := serve(t, whole(t))
	tab := chromium(t)
	chapters := []string{
		"ch01-overview", "ch03-transactions", "ch04-saga", "ch05-2pc", "ch06-tcc", "ch07-messages",
	}
	for _, c := range chapters {
		stage(t, tab, server.URL+"/"+c+"/")
		list := eval[[]string](t, tab, variants)
		for i, e := range eval[[]experiment](t, tab, besides) {
			if e.Variant == "" {
				e.Variant = list[len(list)-1]
			}
			for _, before := range list {
				if before == e.Variant {
					continue
				}
				t.Logf("%s: button %d after %s", c, i+1, before)
				do(t, tab, choose(before), click(".services button"),
					until(`document.querySelector(".services .dead")`),
					js(fmt.Sprintf(`document.querySelectorAll(".beside")[%d].click()`, i)),
					until(logged("Wait and check: ")))
				e.proves(t, tab)
			}
		}
	}
}

func TestHomesButtonBreaksAnOrder(t *testing.T) {
	server := serve(t, opened(t, toy))
	tab := chromium(t)
	visit(t, tab, server.URL+"/")
	do(t, tab, click(".hero a.main"), chromedp.WaitReady(chromedp.CSS("#live")),
		until(logged("Wait and check: ")))
	log := strings.Join(eval[[]string](t, tab, logLines), "\n")
	require.Contains(t, log, "lost @ client -> order: POST /orders order-1 #1")
	require.Empty(t, eval[string](t, tab, `location.hash`), "loaded again, it shows the same run")
}

func TestOnASmallScreenTheDamageIsSeenAtOnce(t *testing.T) {
	server := serve(t, opened(t, toy))
	tab := chromium(t)
	do(t, tab, look(360, "light"))
	visit(t, tab, server.URL+"/ch01-toy/")
	do(t, tab, js(`document.querySelector(".text").style.minHeight = "5000px"`),
		js(`document.querySelector(".live").style.minHeight = "5000px"`),
		js(`scrollTo(0, 2000)`), click(".beside"), until(logged("Wait and check: ")))
	const top = `document.querySelector(".meter").getBoundingClientRect().top`
	require.Greater(t, eval[float64](t, tab, top), 0.0)
	require.Less(t, eval[float64](t, tab, top), 450.0)
	do(t, tab, click(".switch [data-pane=text]"))
	require.InDelta(t, 2000, eval[float64](t, tab, "scrollY"), 1, "the lesson is where it was left")
}

func TestTheIdleLivePaneLeavesItsWidthToTheLesson(t *testing.T) {
	server := serve(t, opened(t, toy))
	tab := chromium(t)
	do(t, tab, look(1280, "light"))
	visit(t, tab, server.URL+"/ch01-toy/")
	const width = `document.querySelector(".text").getBoundingClientRect().width`
	require.InDelta(t, 1280, eval[float64](t, tab, width), 20)
	do(t, tab, click("[data-part=idle] [data-do=start]"), until(now("stage")))
	require.Less(t, eval[float64](t, tab, width), 600.0)
}

// smallest is the size of the smallest words in the figures and tables of a lesson.
const smallest = `Promise.all([...document.querySelectorAll(".figure img")].map(async (img) => {
	await img.decode();
	const text = await (await fetch(img.src)).text();
	const picture = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
	return 12 * img.getBoundingClientRect().width / Number(picture.getAttribute("width"));
})).then((sizes) => {
	for (const cell of document.querySelectorAll("article td")) {
		sizes.push(parseFloat(getComputedStyle(cell).fontSize));
	}
	return Math.min(...sizes);
})`

func TestFiguresAndTablesCanBeReadBesideTheServices(t *testing.T) {
	server := serve(t, whole(t))
	tab := chromium(t)
	for _, width := range []int64{360, 1280} {
		for _, chapter := range []string{"ch01-overview", "ch05-2pc"} {
			do(t, tab, look(width, "light"))
			visit(t, tab, server.URL+"/"+chapter+"/")
			open := `for (const d of document.querySelectorAll("article details")) {
				d.hidden = false; d.open = true }`
			do(t, tab, js(open), js(`document.querySelector(".live").dataset.now = "stage"`))
			size := eval[float64](t, tab, smallest)
			require.GreaterOrEqual(t, size, 12.0, "%s in a window of %d", chapter, width)
		}
	}
}
