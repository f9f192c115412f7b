package grade

import (
	"fmt"
	"os"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/sim"
)

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
	stage := sim.NewStage(t.T, c, v).Without(fault.Zombies()...)
	t.withoutFault(stage, v, s)
	return stage.Explore(t.T, s, false)
}
