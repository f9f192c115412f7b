package grade

import (
	"fmt"
	"os"
	"strings"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/sim"
)

// Found ends a step that has failed, and says why: what was found, what was done
// to the student's program, a line each, and the run, if there are events of it.
func (t *T) Found(found string, done []string, columns []string, events []event.Event) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "found    %s\n", strings.ReplaceAll(found, "\n", "\n         "))
	fmt.Fprintf(&b, "done     %s", strings.Join(done, "\n         "))
	if len(events) > 0 {
		fmt.Fprint(&b, "\n\n")
		require.NoError(t, event.Text(&b, event.Touched(columns, events), events))
		fmt.Fprintf(&b, "\ndrawn    %s", t.draw(columns, events))
	}
	fmt.Fprintln(t.Output(), b.String())
	t.FailNow()
}

// Say tells the student something that is no failure. It is read with go test -v.
func (t *T) Say(format string, args ...any) { fmt.Fprintf(os.Stdout, format+"\n", args...) }

// Progress says that a step which runs no services goes on. One that makes none
// is cut.
func (t *T) Progress() { t.runs.Add(1) }

// Explore plays a scenario of a chapter without a fault, which must go well, and
// then under every single fault.
func (t *T) Explore(c lab.Chapter, v lab.Variant, scenario string) lab.Report {
	t.Helper()
	s, err := c.Scenario(scenario)
	require.NoError(t, err)
	v = t.watched(v)
	stage := sim.NewStage(t.T, c, v)
	t.plain(stage, v, s)
	return stage.Explore(t.T, s, false)
}
