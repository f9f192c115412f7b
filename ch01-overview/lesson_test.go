package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/lesson"
	"example.com/dtx/lab/readme"
	"example.com/dtx/lab/sim"
)

// checkLesson holds the chapter's README against what was found.
func checkLesson(t *testing.T, monolith, services lab.Report) {
	t.Helper()
	c := chapter()
	sim.KeepScores(t, c, monolith, services)
	score := lesson.Scores(
		[]string{
			"chapter 1", "faults tried", "that break the shop", "interleavings tried",
			"that break it",
		},
		[]lab.Report{monolith, services},
		"monolith: "+inOneProcess().About, "services: "+inServices().About,
	)
	lesson.Check(t, c, readme.Config{
		Generated: map[string]string{
			"score":      score,
			"damages":    damageTable(services),
			"comparison": comparison(t, monolith, services),
		},
		Figures: map[string]readme.Draw{
			"figures/monolith.svg":    lesson.Draw(t, c, inOneProcess(), "success"),
			"figures/services.svg":    lesson.Draw(t, c, inServices(), "success"),
			"figures/order-dies.svg":  lesson.Draw(t, c, inServices(), "success", orderDies),
			"figures/answer-lost.svg": lesson.Draw(t, c, inServices(), "success", answerLost),
			"figures/asked-again.svg": lesson.Draw(t, c, inServices(), "retry", diesInCommit),
		},
	})
}

// The faults of the lesson that are drawn more than once.
const (
	orderDies    = "crash on reply @ order → payment: POST /charge order-1 #1"
	answerLost   = "reply lost @ order → payment: POST /charge order-1 #1"
	diesInCommit = "crash before reply @ order: POST /orders order-1 #1"
)

// checkRuns draws the six damages of the exercise as text.
func checkRuns(t *testing.T, report lab.Report) {
	t.Helper()
	services := inServices()
	columns := services.Columns()
	one := "ada orders two packets of tea, once."
	again := "ada orders two packets of tea. " +
		"If she has no answer, she asks again, with the same key."
	torn := "order-1: bob orders the last truffle, into a slot that is full.\n" +
		"order-10: ada orders it, too, and her slot has room."
	hangUp := "hang up @ order → payment: POST /charge order-1 #1"
	late := "delivered late @ order → payment: POST /charge order-1 #1"
	runs := []struct {
		about  string
		events []event.Event
	}{
		{one, play(t, services, "success", orderDies).Events},
		{one, play(t, services, "success", answerLost).Events},
		{again, play(t, services, "retry", diesInCommit).Events},
		{one, play(t, services, "success", hangUp).Events},
		{one, play(t, services, "success", late).Events},
		{torn, tornRun(t, report)},
	}
	for i, run := range runs {
		readme.Figure(t, fmt.Sprintf("exercise/runs/%d.txt", i+1), func(w io.Writer) error {
			fmt.Fprintf(w, "%s\n\n", run.about)
			return event.Text(w, event.Touched(columns, run.events), run.events)
		})
	}
}

// tornRun is the run of two orders at once in which neither gets the last truffle.
func tornRun(t *testing.T, services lab.Report) []event.Event {
	t.Helper()
	i := slices.IndexFunc(services.Damages, func(d lab.Damage) bool {
		return d.Damage == "unexpected answers"
	})
	require.GreaterOrEqual(t, i, 0, "no two orders were torn")
	return services.Damages[i].Events
}

func damageTable(r lab.Report) string {
	var b strings.Builder
	fmt.Fprint(&b, "| runs | damage | the shortest run: ",
		"put this after `go run ./ch01-overview` |\n|---|---|---|\n")
	for _, d := range lab.WorstFirst(r.Damages) {
		_, flags, _ := strings.Cut(d.Command("ch01-overview"), " -variant 'services' ")
		flags = strings.ReplaceAll(flags, "→", "->")
		fmt.Fprintf(&b, "| %d | %s | `%s` |\n", d.Runs, d.Damage, flags)
	}
	return b.String()
}

// comparison is the table of both architectures. Every number in it is
// measured here.
func comparison(t *testing.T, monolith, services lab.Report) string {
	t.Helper()
	one, err := measure(t.Context(), inOneProcess())
	require.NoError(t, err)
	many, err := measure(t.Context(), inServices())
	require.NoError(t, err)
	r, err := rollOut(t.Context())
	require.NoError(t, err)
	down, err := survive(t.Context(), inOneProcess(), "shop", "/recommendations/salt")
	require.NoError(t, err)
	up, err := survive(t.Context(), inServices(), "recommend", "/recommendations/salt")
	require.NoError(t, err)
	noStock, err := survive(t.Context(), inServices(), "stock", "/items")
	require.NoError(t, err)

	var b strings.Builder
	row := func(name, a, b1, experiment string) {
		fmt.Fprintf(&b, "| %s | %s | %s | `%s` |\n", name, a, b1, experiment)
	}
	fmt.Fprintln(&b, "| | monolith | services | shown by |\n|---|---|---|---|")
	row("runs as",
		plural(one.Processes, "process", "es"), plural(many.Processes, "process", "es"),
		"processes")
	row("an order takes",
		plural(one.Messages, "message", "s"), plural(many.Messages, "message", "s"),
		"cost")
	row("and waits for",
		plural(one.Forced, "forced write", "s"), plural(many.Forced, "forced write", "s"),
		"cost")
	row("a new version of `recommend` replaces",
		"the whole shop",
		fmt.Sprintf("only `recommend`; meanwhile, %d of %d orders failed", r.Failed, r.Orders),
		"flexibility")
	row("to run `recommend` twice, you copy",
		"the whole shop", "only `recommend`", "scalability")
	row("the process that recommends dies; an order then",
		outcome(down.After), outcome(up.After), "resilience")
	row("the process that keeps the stock dies; an order then",
		outcome(down.After), outcome(noStock.After), "resilience")
	row("languages", "one", "one for each", "diversity")
	row("single faults that break an order", broken(monolith), broken(services), "consistency")
	return b.String()
}

func broken(r lab.Report) string { return fmt.Sprintf("%d of %d", r.Broken-r.Torn, r.Faults) }

func plural(n int, noun, ending string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %s%s", n, noun, ending)
}

func outcome(a lab.Answer) string {
	if a.Confirmed() {
		return "goes through"
	}
	return "fails"
}

func concernsRecommend(point string) bool { return strings.Contains(point, "recommend") }
