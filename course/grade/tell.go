package grade

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"example.com/dtx/course/stub"
	"example.com/dtx/course/study"
	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
)

// NoError ends the step if a function of the student's has returned an error.
func (t *T) NoError(err error) {
	t.Helper()
	t.RequireWritten(err)
	if err != nil {
		t.Fatal(err)
	}
}

// RequireWritten ends the step if an error says that something is not written yet.
func (t *T) RequireWritten(err error) {
	t.Helper()
	if missing, ok := errors.AsType[stub.Error](err); ok {
		t.FailWith(study.Finding{NotWritten: missing.Error()})
	}
}

// FailWith ends the step, which fails, with a finding.
func (t *T) FailWith(f study.Finding) {
	t.Helper()
	t.journal.finding = f
	_ = leave(f) // at once: what the step has begun may never end
	t.FailNow()
}

// FailWithRun is FailWith, and draws the run.
func (t *T) FailWithRun(f study.Finding, columns []string, events []event.Event) {
	t.Helper()
	f.Sketch, f.Drawn = t.sketch(columns, events), t.draw(columns, events)
	t.FailWith(f)
}

// Wrong fails the step, and says what was done to the student's code, and what
// was found. It is for what no simulated shop is needed.
func (t *T) Wrong(done string, found ...string) {
	t.Helper()
	t.RequireWritten(t.journal.take())
	t.FailWith(study.Finding{Done: done, Found: found})
}

// findings returns what was found of a run, a line each.
func findings(list []lab.Finding) []string {
	texts := make([]string, len(list))
	for i, f := range list {
		texts[i] = f.String()
	}
	return texts
}

// fail tells of a run, and ends the step.
func (t *T) fail(
	s lab.Scenario, plan []fault.Fault, columns []string, events []event.Event, found ...string,
) {
	t.Helper()
	logged := t.journal.take()
	t.RequireWritten(logged)
	var done strings.Builder
	fmt.Fprintf(&done, "the scenario %q", s.Name)
	for _, f := range plan {
		fmt.Fprintf(&done, "; %s\n(%s)", f.Kind.Meaning(), f)
	}
	switch {
	case s.AtOnce():
		fmt.Fprint(&done, ": the orders race each other")
	case len(plan) == 0:
		fmt.Fprint(&done, ", and nothing fails")
	}
	f := study.Finding{Done: done.String(), Found: found}
	_, panicked := errors.AsType[panicError](logged)
	if logged != nil && (panicked || len(plan) == 0) {
		f.Logged = logged.Error()
	}
	t.FailWithRun(f, columns, events)
}

// maxSketch bounds the events of a sketch: what goes on for ever looks the same
// after a while.
const maxSketch = 80

// sketch draws the run as text, without the verdict, which is told above.
func (t *T) sketch(columns []string, events []event.Event) string {
	t.Helper()
	events = slices.DeleteFunc(slices.Clone(events), func(e event.Event) bool {
		return e.Kind == event.Verdict
	})
	columns = event.Touched(columns, events)
	more := max(0, len(events)-maxSketch)
	var b strings.Builder
	require.NoError(t, event.Text(&b, columns, events[:len(events)-more]))
	if more > 0 {
		fmt.Fprintf(&b, "… and %d events more\n", more)
	}
	return strings.TrimRight(fold(b.String()), "\n")
}

// maxDrawn bounds the events of a picture, because the reader has to look at them.
const maxDrawn = 1000

// draw writes the run as a picture.
func (t *T) draw(columns []string, events []event.Event) (path string) {
	t.Helper()
	dir := filepath.Join(t.exercise.Dir, "out")
	if _, students := t.exercise.Program(); !students {
		dir = cmp.Or(sealed.Dir, os.TempDir())
	}
	require.NoError(t, os.MkdirAll(dir, 0o755))
	path = filepath.Join(dir, fmt.Sprintf("step-%d.svg", t.step))
	f, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, event.SVG(f, columns, events[:min(len(events), maxDrawn)]))
	require.NoError(t, f.Close())
	return path
}
