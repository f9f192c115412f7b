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

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
)

// Wrong fails the step, and says what was done to the student's code, and what
// was found. It is for what no simulated shop is needed.
func (t *T) Wrong(done, found string) {
	t.Helper()
	if said := t.journal.take(); said != nil && strings.Contains(said.Error(), notWritten) {
		t.Fatal(said)
	}
	fmt.Fprintf(t.Output(), "done     %s\nfound    %s\n", done, found)
	t.FailNow()
}

// WrongRun is Wrong, and draws the run.
func (t *T) WrongRun(done, found string, columns []string, events []event.Event) {
	t.Helper()
	fmt.Fprintf(t.Output(), "done     %s\nfound    %s\n\n%s\ndrawn    %s\n",
		done, found, t.sketch(columns, events), t.draw(columns, events))
	t.FailNow()
}

func findings(list []lab.Finding) string {
	texts := make([]string, len(list))
	for i, f := range list {
		texts[i] = f.String()
	}
	return strings.Join(texts, "\n         ")
}

// fail tells of a run, and ends the step.
func (t *T) fail(
	s lab.Scenario, plan []fault.Fault, found string, columns []string, events []event.Event,
) {
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
	switch {
	case s.AtOnce():
		fmt.Fprint(&done, ": the orders race each other")
	case len(plan) == 0:
		fmt.Fprint(&done, ", and nothing fails")
	}
	if _, panicked := errors.AsType[panicError](said); said != nil && (panicked || len(plan) == 0) {
		found += fmt.Sprintf("\nlogged   %v", said)
	}
	t.WrongRun(done.String(), found, columns, events)
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
	return fold(b.String())
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
