package page_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"example.com/dtx/course/page"
	"example.com/dtx/lab/event"
)

// course is the folder of the real one.
const course = "../.."

// whole is the site of the real course. It looks at the source that the chapters
// are built of, so that go's cache of test results knows what the result depends
// on: not on what a student writes.
func whole(t *testing.T) *page.Site {
	t.Helper()
	const sources = "{{if not .Standard}}{{range .GoFiles}}{{$.Dir}}/{{.}}\n{{end}}{{end}}"
	list := exec.CommandContext(t.Context(), "go", "list", "-e", "-deps", "-f", sources, "./ch...")
	list.Dir = course
	files, err := list.Output()
	require.NoError(t, err)
	for file := range strings.FieldsFuncSeq(string(files), func(r rune) bool { return r == '\n' }) {
		if filepath.Base(filepath.Dir(file)) != "exercise" {
			_, err := os.Stat(file)
			require.NoError(t, err)
		}
	}
	return opened(t, course)
}

// visit opens a page of a site in a tab.
func visit(t *testing.T, tab context.Context, url string) {
	t.Helper()
	do(t, tab, chromedp.Navigate(url), chromedp.WaitReady(chromedp.CSS("dialog#keys")))
}

// stage starts a chapter's services beside its lesson.
func stage(t *testing.T, tab context.Context, url string) {
	t.Helper()
	visit(t, tab, url)
	do(t, tab, click("[data-part=idle] [data-do=start]"), until(now("stage")+"||"+now("failed")))
	wrong := eval[string](t, tab, `document.querySelector("[data-show=failure]").textContent`)
	require.Empty(t, wrong, "why it cannot go on")
}

// now is the condition that the live services are at a stage.
func now(part string) string {
	return `document.getElementById("live").dataset.now === "` + part + `"`
}

func click(selector string) chromedp.Action[chromedp.Void] {
	return js(fmt.Sprintf("document.querySelector(%q).click()", selector))
}

// done is the condition that so many commands have been answered.
func done(n int) string {
	return fmt.Sprintf(`document.querySelectorAll(".log li[data-done]").length === %d`, n)
}

const (
	play    = "form[data-command=play] button[type=submit]"
	events  = `[...document.querySelectorAll(".events li:not([hidden])")].map((e) => e.textContent)`
	latest  = `document.querySelector(".log li").textContent`
	nowText = `document.querySelector(".now").textContent`
)

func TestARunIsDrawnToldInWordsAndSteppedThrough(t *testing.T) {
	server := serve(t, opened(t, toy))
	tab := chromium(t)
	stage(t, tab, server.URL+"/ch01-toy/")
	do(t, tab, click(play), until(done(1)))
	require.Len(t, eval[[]string](t, tab, events), 5)
	const ledgers = `document.querySelector(".ledgers").textContent`
	const commit = `document.querySelectorAll(".rows circle.commit").length`
	commits := func() int { return eval[int](t, tab, commit) }
	require.Equal(t, 1, commits())
	at := func() string { return eval[string](t, tab, nowText) }
	require.Equal(t, "5 of 5. client has the answer (m2) from order", at())
	require.Contains(t, eval[string](t, tab, ledgers), "10 → 8")
	const rows = `document.querySelector(".rows").innerHTML`
	whole := eval[string](t, tab, rows)

	do(t, tab, click("[data-step=first]"))
	require.Equal(t, "1 of 5. client sends POST /orders (m1) to order", at())
	require.Zero(t, commits(), "the commit is still to come")
	require.NotContains(t, eval[string](t, tab, ledgers), "10 → 8", "and so is its effect")
	do(t, tab, click("[data-step=on]"), click("[data-step=on]"))
	require.Equal(t, "3 of 5. order commits POST /orders order-1 #1, forced to the disk", at())
	require.Equal(t, 1, commits())
	require.Len(t, eval[[]string](t, tab, events), 3)
	do(t, tab, click("[data-step=back]"))
	require.Zero(t, commits())
	do(t, tab, js(`const range = document.querySelector("input[type=range]");
		range.value = 4; range.dispatchEvent(new Event("input"))`))
	require.Contains(t, at(), "4 of 5")
	do(t, tab, click("[data-step=follow]"))
	require.Equal(t, whole, eval[string](t, tab, rows), "back and forth, it is the same picture")
}

func TestAPageThatIsLoadedAgainShowsTheSameRun(t *testing.T) {
	server := serve(t, opened(t, toy))
	tab := chromium(t)
	stage(t, tab, server.URL+"/ch01-toy/")
	do(t, tab, click(play), until(done(1)))
	const shown = `document.querySelector(".diagram").textContent + ` +
		`document.querySelector(".ledgers").textContent`
	before := eval[string](t, tab, shown)
	do(t, tab, chromedp.Reload(), until(now("stage")), until(done(1)))
	require.Equal(t, before, eval[string](t, tab, shown))
}

func TestTwoTabsHaveTwoShops(t *testing.T) {
	server := serve(t, opened(t, toy))
	one := chromium(t)
	two, stop := chromedp.NewContext(one)
	defer stop()
	require.NoError(t, chromedp.Do(two)) // it lives as long as the context of its first action
	stage(t, one, server.URL+"/ch01-toy/")
	stage(t, two, server.URL+"/ch01-toy/")
	do(t, one, click(play), until(done(1)))
	require.Len(t, eval[[]string](t, one, events), 5)
	do(t, two, click("[data-do=settle]"), until(done(1)))
	require.Empty(t, eval[[]string](t, two, events), "what the other tab did is not here")
}

func TestAReaderPredictsBeforeTheAnswerIsShown(t *testing.T) {
	server := serve(t, opened(t, toy))
	tab := chromium(t)
	visit(t, tab, server.URL+"/ch01-toy/")
	const details = `document.querySelector("article details")`
	require.False(t, eval[bool](t, tab, details+`.checkVisibility()`))
	forms := eval[int](t, tab, `document.querySelectorAll(".predict").length`)
	require.Equal(t, 1, forms, "an aside asks nothing")
	predicts := chromedp.SendKeys(chromedp.CSS(".predict textarea"), "It is lost.")
	do(t, tab, predicts, click(".predict button"))
	require.True(t, eval[bool](t, tab, details+`.checkVisibility() && `+details+`.open`))
	visit(t, tab, server.URL+"/ch01-toy/")
	predicted := eval[string](t, tab, `document.querySelector(".predict blockquote").textContent`)
	require.Equal(t, "It is lost.", predicted)
	visit(t, tab, server.URL+"/")
	progress := eval[string](t, tab, `document.querySelector("[data-progress]").textContent`)
	require.Contains(t, progress, "1 of 1")
}

func TestTheLessonsCommandIsPlayedBesideIt(t *testing.T) {
	server := serve(t, opened(t, toy))
	tab := chromium(t)
	visit(t, tab, server.URL+"/ch01-toy/")
	do(t, tab, click(".beside"), until(now("stage")),
		until(`document.querySelectorAll(".log li[data-done]").length >= 3`))
	log := eval[string](t, tab, `document.querySelector(".log").textContent`)
	require.Contains(t, log, "lost @ client -> order: POST /orders order-1 #1")
	require.Contains(t, log, "Play “success”")
}

func TestARecordedRunIsReplayedAndAWrongFileIsExplained(t *testing.T) {
	server := serve(t, opened(t, toy))
	tab := chromium(t)
	visit(t, tab, server.URL+"/-/replay")
	file, err := filepath.Abs(filepath.Join(toy, "ch01-toy", "run.jsonl"))
	require.NoError(t, err)
	input := chromedp.CSS("input[type=file]")
	do(t, tab, chromedp.SetUploadFiles(input, []string{file}),
		until(`!document.querySelector("[data-part=run]").hidden`))
	require.Contains(t, eval[string](t, tab, nowText), "1 of 5")
	do(t, tab,
		chromedp.KeyEvent(kb.ArrowRight), until(nowText+`.startsWith("2 of 5")`),
		chromedp.KeyEvent(kb.End), until(nowText+`.startsWith("5 of 5")`))
	picture(t, tab, "replay")
	wrong := filepath.Join(t.TempDir(), "wrong.jsonl")
	require.NoError(t, os.WriteFile(wrong, []byte("nothing\n"), 0o600))
	do(t, tab, chromedp.SetUploadFiles(input, []string{wrong}),
		until(`document.querySelector("[data-show=said]").textContent.includes("line 1")`))
}

func TestOnlyAWindowOfALongRunIsInThePage(t *testing.T) {
	server := serve(t, opened(t, toy))
	tab := chromium(t)
	file := filepath.Join(t.TempDir(), "long.jsonl")
	run := make([]event.Event, 3000)
	for i := range run {
		data := event.Data{Text: fmt.Sprint("n ", i+1)}
		run[i] = event.Event{Seq: i + 1, Service: "order", Kind: event.Commit, Data: data}
	}
	var out bytes.Buffer
	require.NoError(t, event.Write(&out, run))
	require.NoError(t, os.WriteFile(file, out.Bytes(), 0o600))
	visit(t, tab, server.URL+"/-/replay")
	do(t, tab, chromedp.SetUploadFiles(chromedp.CSS("input[type=file]"), []string{file}),
		until(nowText+`.startsWith("1 of 3000")`))
	const circles = `document.querySelectorAll(".rows circle").length`
	dots := func() int { return eval[int](t, tab, circles) }
	const rows = `document.querySelector(".rows").textContent`
	shown := func() string { return eval[string](t, tab, rows) }
	do(t, tab, press(kb.End), until(nowText+`.startsWith("3000 of")`))
	require.Equal(t, 150, dots())
	require.Contains(t, shown(), "n 3000")
	require.NotContains(t, shown(), "n 1000")
	do(t, tab, js(`const range = document.querySelector("input[type=range]");
		range.value = 1000; range.dispatchEvent(new Event("input"))`))
	require.Equal(t, 150, dots(), "what had left the window is back in it")
	require.Contains(t, shown(), "n 1000")
	require.NotContains(t, shown(), "n 1001")
	do(t, tab, press(kb.Home), until(nowText+`.startsWith("1 of")`))
	require.Equal(t, 1, dots())
}

func TestAMistakesShortestRunIsSteppedThrough(t *testing.T) {
	server := serve(t, opened(t, toy))
	tab := chromium(t)
	visit(t, tab, server.URL+"/ch01-toy/mistakes/")
	const told = `document.querySelector("[data-part=story]").textContent`
	do(t, tab, click("[data-do=hunt]"),
		until(`document.querySelector(".mistake .now")?.textContent.startsWith("1 of 5")`),
		until(told+`.includes("The shortest run that breaks")`),
		until(`!document.querySelector("[data-do=hunt]").disabled`))
	shown := eval[string](t, tab, `document.querySelector(".mistake").textContent`)
	require.Equal(t, 1, strings.Count(shown, "diff --git"), "the patch stands there once")
	require.NotContains(t, shown, "│", "the run is drawn, and not written, too")
	require.Contains(t, shown, "stock is wrong")
}

func TestACompilersMessageStandsInPlaceOfTheDiagram(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.CopyFS(folder, os.DirFS(toy)))
	broken := filepath.Join(folder, "ch01-toy", "broken.go")
	const program = "package main\n\nvar x int = \"seven\"\n"
	require.NoError(t, os.WriteFile(broken, []byte(program), 0o600))
	server := serve(t, opened(t, folder))
	tab := chromium(t)
	visit(t, tab, server.URL+"/ch01-toy/")
	do(t, tab, click("[data-part=idle] [data-do=start]"), until(now("failed")))
	failure := eval[string](t, tab, `document.querySelector(".failure").textContent`)
	require.Contains(t, failure, "broken.go:3")
	require.NoError(t, os.Remove(broken))
	do(t, tab, click("[data-part=failed] [data-do=start]"), until(now("stage")))
}

// press is a key, or several one after the other.
func press(keys ...string) chromedp.Action[chromedp.Void] {
	var list []chromedp.Action[chromedp.Void]
	for _, k := range keys {
		list = append(list, chromedp.KeyEvent(k))
	}
	return chromedp.Steps(list...)
}

// tabTo presses Tab until the focus is on an element.
func tabTo(t *testing.T, tab context.Context, selector string) {
	t.Helper()
	for range 300 {
		if eval[bool](t, tab, fmt.Sprintf("document.activeElement.matches(%q)", selector)) {
			visible := eval[bool](t, tab, `document.activeElement.matches(":focus-visible")`)
			require.True(t, visible, "the focus on %s can be seen", selector)
			return
		}
		do(t, tab, press(kb.Tab))
	}
	require.Fail(t, "the Tab key never comes to "+selector)
}

func TestInDoubtByKeyboardAlone(t *testing.T) {
	server := serve(t, whole(t))
	tab := chromium(t)
	do(t, tab, look(1280, "light"))
	visit(t, tab, server.URL+"/ch05-2pc/")
	do(t, tab, press("l"))
	tabTo(t, tab, "[data-do=start]")
	do(t, tab, press(kb.Enter), until(now("stage")))
	tabTo(t, tab, "input[name=fault]")
	const crash = "crash after @ order: commit POST /orders order-1 #1"
	do(t, tab, chromedp.KeyEvent(crash), press(kb.Enter),
		until(`document.querySelector(".services .dead")?.textContent.includes("order")`),
		until(`document.querySelector(".stuck")?.children.length >= 3`))
	picture(t, tab, "in-doubt")
	require.Contains(t, eval[[]string](t, tab, events), "order is dead: crash after")
	const meter = `document.querySelector(".meter").dataset.meter`
	require.NotEqual(t, "broken", eval[string](t, tab, meter), "in doubt is not broken")
	log := eval[string](t, tab, `document.querySelector(".log").textContent`)
	require.Contains(t, log, crash)

	tabTo(t, tab, "button[data-service=order]")
	do(t, tab, press(kb.Enter), until(`!document.querySelector(".services .dead")`), press("s"),
		until(latest+`.includes("nothing is broken")`), until(`!document.querySelector(".stuck")`))
	require.Equal(t, "whole", eval[string](t, tab, meter))

	last := eval[int](t, tab, `document.querySelectorAll(".events li").length`)
	do(t, tab,
		press(kb.Home), until(nowText+`.startsWith("1 of ")`),
		press(kb.ArrowRight, kb.ArrowRight, kb.ArrowLeft), until(nowText+`.startsWith("2 of ")`))
	do(t, tab, press("f"), until(fmt.Sprintf(nowText+`.startsWith("%d of %[1]d")`, last)))
	do(t, tab,
		press("?"), until(`document.getElementById("keys").open`),
		press(kb.Escape), until(`!document.getElementById("keys").open`))
	do(t, tab, press("l"), until(`document.activeElement.id === "main"`))
}

func TestEveryControlOfEveryLiveChapter(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves it out: it takes a minute")
	}
	server := serve(t, whole(t))
	tab := chromium(t)
	for chapter, service := range map[string]string{
		"ch01-overview": "order", "ch03-transactions": "shop", "ch04-saga": "order",
		"ch05-2pc": "order", "ch06-tcc": "order", "ch07-messages": "order",
	} {
		stage(t, tab, server.URL+"/"+chapter+"/")
		n := 0
		try := func(what, want string, actions ...chromedp.Action[chromedp.Void]) {
			t.Helper()
			n++
			do(t, tab, append(actions, until(done(n)))...)
			require.Contains(t, eval[string](t, tab, latest), want, "%s: %s", chapter, what)
			bad := eval[string](t, tab, `document.querySelector(".log .bad")?.textContent ?? ""`)
			require.Empty(t, bad, "%s: %s", chapter, what)
		}
		set := func(form, field, value string) chromedp.Action[chromedp.Void] {
			return js(fmt.Sprintf(`{
				const field = document.querySelector("form[data-command=%s]").elements.%s;
				field.value = %q;
				field.dispatchEvent(new Event("change", { bubbles: true }))
			}`, form, field, value))
		}
		try("play", "201", click(play))
		try("settle", "nothing is broken", click("[data-do=settle]"))
		try("place", "order-2", set("place", "key", "order-2"),
			click("form[data-command=place] button"))
		try("cut", "done", set("cut", "service", "client"), set("cut", "peer", service),
			click("[name=do][value=cut]"))
		try("heal", "done", click("[name=do][value=heal]"))
		const dead = `document.querySelector(".services .dead")`
		try("crash", "done", click("button[data-service="+service+"]"), until(dead))
		try("restart", "done", click("button[data-service="+service+"]"), until("!"+dead))
		n = -1 // the log begins anew
		fault := eval[string](t, tab, `document.querySelector("[data-show=preview]").textContent`)
		require.Contains(t, fault, "go run ./"+chapter+" -variant")
		do(t, tab, click("[data-do=reset]"),
			until(`document.querySelectorAll(".events li").length < 5`))
		lost := fmt.Sprintf(`.some((words) => words.startsWith("client loses ")
			&& words.includes("between it and %s"))`, service)
		do(t, tab, set("next", "kind", "lost"), set("next", "service", "client"),
			click("form[data-command=next] button"), click(play),
			until(`document.querySelector(".log").textContent.includes("lost @ client → ")`),
			until(events+lost))
		const options = `[...document.querySelector("[name=variant]").options].map((o) => o.value)`
		fresh := `document.querySelector(".log").children.length === 1 && ` + done(1) +
			` && ` + latest + `.startsWith("Start over")`
		for _, variant := range eval[[]string](t, tab, options) {
			do(t, tab, set("play", "variant", variant), click("[data-do=reset]"), until(fresh))
			n = 1
			try("play "+variant, "201", click(play))
			try("settle "+variant, "nothing is broken", click("[data-do=settle]"))
		}
		do(t, tab, click("[data-do=stop]"), until(now("idle")))
	}
}

// shownLedger is what the page says about the databases.
type shownLedger struct {
	Accounts map[string]string // keyed by service and name
	Effects  []string
}

func TestThePageShowsWhatTheAuditOfTheDatabasesFinds(t *testing.T) {
	server := serve(t, whole(t))
	tab := chromium(t)
	stage(t, tab, server.URL+"/ch04-saga/")
	const fault = "crash on reply @ order -> payment: POST /authorize order-1 #1"
	do(t, tab, js(`document.querySelector("input[name=fault]").value = "`+fault+`"`),
		click("form[data-command=plan] button[value=again]"),
		until(`document.querySelector(".services .dead")`),
		click("button[data-service=order]"), until(`!document.querySelector(".services .dead")`),
		click("[data-do=settle]"), until(latest+`.includes("nothing is broken")`),
		until(`!document.querySelector(".stuck")`))

	raw := record(t, server, eval[string](t, tab, `sessionStorage.getItem("live ch04-saga")`))
	require.Equal(t, raw.words, eval[[]string](t, tab, events),
		"every event is on the page, in its order")
	shown := eval[shownLedger](t, tab, `({
		accounts: Object.fromEntries([...document.querySelectorAll(".ledgers table")]
			.flatMap((table) => [...table.querySelectorAll("tr")].map((row) => [
				table.caption.textContent + " " + row.cells[0].textContent,
				row.cells[1].textContent,
			]))),
		effects: [...document.querySelectorAll("table.effects tr")]
			.map((row) => [...row.cells].map((cell) => cell.textContent).join(" ")) })`)
	require.Len(t, shown.Accounts, len(raw.state.Accounts))
	for _, a := range raw.state.Accounts {
		want := fmt.Sprint(a.Amount)
		if a.Before != a.Amount {
			want = fmt.Sprint(a.Before, " → ", a.Amount)
		}
		require.Equal(t, want, shown.Accounts[a.Service+" "+a.Name])
		for _, e := range raw.state.Effects {
			if e.Kind == a.Kind && e.Account == a.Name {
				a.Before -= e.Amount
			}
		}
		require.Equal(t, a.Before, a.Amount,
			"%s %s is what the orders' effects leave of it", a.Service, a.Name)
	}
	require.ElementsMatch(t, raw.effects(), shown.Effects)
	commits := 0
	for _, w := range raw.words {
		if commit(w) {
			commits++
		}
	}
	dots := eval[int](t, tab, `document.querySelectorAll(".rows circle.commit").length`)
	require.Equal(t, commits, dots, "every commit is a dot")
}

// forEverybody checks what a tab shows, in light and dark, wide and narrow.
func forEverybody(t *testing.T, tab context.Context, page string) {
	t.Helper()
	axe := axeCore(t)
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{1280, 360} {
			do(t, tab, look(width, scheme))
			picture(t, tab, fmt.Sprintf("%s-%s-%d", page, scheme, width))
			if is := eval[int](t, tab, `document.documentElement.scrollWidth`); is > int(width) {
				t.Errorf("%s, %s: the page is %d wide in a window of %d", page, scheme, is, width)
			}
			if scheme == "dark" && width == 360 {
				continue // these colours and this width have both been seen
			}
			do(t, tab, js(axe))
			for _, wrong := range eval[[]string](t, tab, `axe.run().then((r) =>
				r.violations.map((v) => v.id + ": " + v.help + ": " +
					v.nodes.map((n) => n.html + " " + n.any.map((a) => a.message))
						.join("; ").slice(0, 600)))`) {
				t.Errorf("%s, %s, %d wide: %s", page, scheme, width, wrong)
			}
		}
	}
}

func TestEveryPageIsForEverybody(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves it out: it takes a minute")
	}
	server := serve(t, whole(t))
	tab := chromium(t)
	for page, address := range map[string]string{
		"home": "/", "home-zh": "/-/zh", "lesson-1-zh": "/ch01-overview/README.zh.md",
		"lesson-1": "/ch01-overview/", "lesson-2": "/ch02-python-vs-go/",
		"lesson-3": "/ch03-transactions/", "lesson-4": "/ch04-saga/",
		"choice": "/WHICH-PROTOCOL.md", "mistakes": "/ch05-2pc/mistakes/",
		"exercise": "/ch04-saga/exercise/", "replay": "/-/replay",
		"source": "/ch04-saga/order/order.go", "folder": "/lab/", "missing": "/nowhere",
	} {
		visit(t, tab, server.URL+address)
		do(t, tab, js(`for (const d of document.querySelectorAll("main details")) {
			d.hidden = false; d.open = true
		}`))
		forEverybody(t, tab, page)
	}
	do(t, tab, look(1280, "light"))
	stage(t, tab, server.URL+"/ch05-2pc/")
	forEverybody(t, tab, "live-lesson")
	do(t, tab, click(play), until(done(1)),
		click("button[data-service=stock]"), until(`document.querySelector(".services .dead")`),
		js(`document.querySelector(".events").open = true`), click(".switch [data-pane=live]"))
	forEverybody(t, tab, "live")
	do(t, tab, click("[data-do=keys]"))
	forEverybody(t, tab, "keys")
}
