package grade

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/sqlite"
	"example.com/dtx/internal/study"
	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/sim"
)

// T is a step that is being tried. What is not about faults, a step checks as
// any test does.
type T struct {
	*testing.T
	exercise study.Exercise
	step     int
	journal  *journal
	runs     atomic.Int64 // each is progress
}

// try tries a step in this process, which was started for it.
func try(t *testing.T, e study.Exercise, n int, step Step) {
	t.Helper()
	j, ok := slog.Default().Handler().(*journal)
	if !ok {
		t.Fatal("its TestMain does not call grade.Main")
	}
	g := &T{T: t, exercise: e, step: n, journal: j}
	defer g.watch()()
	step.Try(g)
	g.requireNoneLeft()
}

// Wrong fails the step, and says what was done to the student's code, and what
// was found. It is for what no simulated shop is needed.
func (t *T) Wrong(done, found string) {
	t.Helper()
	fmt.Fprintf(t.Output(), "done     %s\nfound    %s\n", done, found)
	t.FailNow()
}

// WrongRun is Wrong, and draws the run.
func (t *T) WrongRun(done, found string, columns []string, events []event.Event) {
	t.Helper()
	fmt.Fprintf(t.Output(), "done     %s\nfound    %s\n\n%s\ndrawn    %s\n", done, found, t.sketch(columns, events), t.draw(columns, events))
	t.FailNow()
}

// Survives plays a scenario of a chapter without a fault, and then under each of
// the plans: a fault, or several with " and " between them. The step fails with
// the first run that leaves damage.
func (t *T) Survives(c lab.Chapter, v lab.Variant, scenario string, plans ...string) {
	t.Helper()
	s, err := c.Scenario(scenario)
	require.NoError(t, err)
	v = t.watched(v)
	stage := sim.NewStage(t.T, c, v)
	t.plain(stage, v, s)
	for _, plan := range plans {
		faults := parse(t, plan)
		t.journal.take()
		r := stage.Run(t.T, s, nil, faults...)
		if len(r.Findings) > 0 {
			t.fail(s, faults, findings(r.Findings), v.Columns(), r.Events)
		}
		if len(r.Unfired) > 0 {
			t.fail(s, faults, fmt.Sprintf("your program never came to %s", r.Unfired[0].Point), v.Columns(), r.Events)
		}
	}
}

// SurvivesEveryFault plays every scenario of a chapter under every single fault,
// and those of several orders in every interleaving. The step fails with the
// shortest run that leaves damage.
func (t *T) SurvivesEveryFault(c lab.Chapter, v lab.Variant) {
	t.Helper()
	v = t.watched(v)
	for _, s := range c.Scenarios {
		stage := sim.NewStage(t.T, c, v)
		if s.AtOnce() {
			t.damages(stage, v, s, stage.Interleave(t.T, s))
			continue
		}
		t.plain(stage, v, s)
		t.damages(stage, v, s, stage.Explore(t.T, s, false))
	}
}

// plain plays a scenario without a fault.
func (t *T) plain(stage *sim.Stage, v lab.Variant, s lab.Scenario) {
	t.Helper()
	t.journal.take()
	r := stage.Run(t.T, s, nil)
	wrong := r.Wrong(s)
	if len(r.Findings) > 0 {
		wrong = findings(r.Findings)
	}
	if wrong != "" {
		t.fail(s, nil, wrong, v.Columns(), r.Events)
	}
}

// damages fails with the shortest run of a report.
func (t *T) damages(stage *sim.Stage, v lab.Variant, s lab.Scenario, r lab.Report) {
	t.Helper()
	if len(r.Damages) == 0 {
		return
	}
	shortest := slices.MinFunc(r.Damages, func(a, b lab.Damage) int { return len(a.Events) - len(b.Events) })
	var found []string
	for _, d := range r.Damages {
		if slices.Equal(d.Plan, shortest.Plan) {
			found = append(found, d.Damage+": "+d.Text)
		}
	}
	found = append(found, fmt.Sprintf("(of %d runs, %d break)", max(r.Faults, r.Schedules), r.Broken))
	t.journal.take()
	stage.Run(t.T, s, nil, shortest.Plan...) // once more, for what it logs
	t.fail(s, shortest.Plan, strings.Join(found, "\n         "), v.Columns(), shortest.Events)
}

func parse(t *T, plan string) (faults []fault.Fault) {
	t.Helper()
	for name := range strings.SplitSeq(plan, " and ") {
		f, err := fault.Parse(name)
		require.NoError(t, err)
		faults = append(faults, f)
	}
	return faults
}

func findings(list []lab.Finding) string {
	texts := make([]string, len(list))
	for i, f := range list {
		texts[i] = f.String()
	}
	return strings.Join(texts, "\n         ")
}

// fail tells of a run, and ends the step.
func (t *T) fail(s lab.Scenario, plan []fault.Fault, found string, columns []string, events []event.Event) {
	t.Helper()
	said := t.journal.take()
	if said != nil && strings.Contains(said.Error(), notWritten) {
		t.Fatal(said)
	}
	var done strings.Builder
	fmt.Fprintf(&done, "the scenario %q", s.Name)
	for _, f := range plan {
		fmt.Fprintf(&done, "; %s\n         (%s)", f.Kind.Meaning(), f)
	}
	if len(plan) == 0 {
		fmt.Fprint(&done, ", and nothing that fails")
	}
	if _, panicked := errors.AsType[panicError](said); said != nil && (panicked || len(plan) == 0) {
		found += fmt.Sprintf("\nlogged   %v", said)
	}
	t.WrongRun(done.String(), found, columns, events)
}

// maxSketch bounds the events of a sketch: what goes on for ever looks the same
// after a while.
const maxSketch = 60

// sketch draws the run as text, without the verdict, which is told above.
func (t *T) sketch(columns []string, events []event.Event) string {
	t.Helper()
	events = slices.DeleteFunc(slices.Clone(events), func(e event.Event) bool { return e.Kind == event.Verdict })
	columns = event.Touched(columns, events)
	more := max(0, len(events)-maxSketch)
	var b strings.Builder
	require.NoError(t, event.Text(&b, columns, events[:len(events)-more]))
	if more > 0 {
		fmt.Fprintf(&b, "… and %d events more\n", more)
	}
	return b.String()
}

// draw writes the run as a picture.
func (t *T) draw(columns []string, events []event.Event) (path string) {
	t.Helper()
	dir := filepath.Join(t.exercise.Dir, "out")
	if _, students := t.exercise.Program(); !students {
		dir = os.TempDir()
	}
	require.NoError(t, os.MkdirAll(dir, 0o755))
	path = filepath.Join(dir, fmt.Sprintf("step-%d.svg", t.step))
	f, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, event.SVG(io.Writer(f), columns, events))
	require.NoError(t, f.Close())
	return path
}

// watched is a variant whose runs count as progress, and whose panics are told.
func (t *T) watched(v lab.Variant) lab.Variant {
	services := make([]lab.Service, len(v.Services))
	for i, s := range v.Services {
		build := s.New
		s.New = func(db *sqlite.DB, client *http.Client) http.Handler {
			t.runs.Add(1)
			service := build(db, client)
			told := t.tell(service)
			if r, ok := service.(lab.Runner); ok {
				return struct {
					http.Handler
					lab.Runner
				}{told, r}
			}
			return told
		}
		services[i] = s
	}
	v.Services = services
	return v
}

// panicError is a panic in a student's code.
type panicError struct {
	value any
	at    string
}

func (p panicError) Error() string { return fmt.Sprintf("panic: %v, at %s", p.value, p.at) }

// tell notes a handler's panic, which for its callers is no answer, and nothing else.
func (t *T) tell(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p != http.ErrAbortHandler {
				t.journal.note(panicError{p, place(string(debug.Stack()))})
			}
			panic(p)
		}()
		next.ServeHTTP(w, r)
	})
}
