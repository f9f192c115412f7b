// Package lesson makes what the lessons show of their chapters' runs: figures, and the
// tables of scores and mistakes. Package readme holds a lesson against it.
package lesson

import (
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/cli"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/readme"
	"example.com/dtx/lab/sim"
	"example.com/dtx/lab/source"
)

// root is the folder of go.mod, seen from a chapter's.
const root = ".."

// Check holds a chapter's README against its program and what else is given.
func Check(t *testing.T, c lab.Chapter, given readme.Config) {
	t.Helper()
	given.Programs = map[string]readme.Program{"./" + c.Name: cli.Program(c)}
	readme.Check(t, root, c.Name+"/README.md", given)
}

// Draw plays a scenario in the simulation and draws the services that have a part in it.
func Draw(
	t *testing.T, c lab.Chapter, v lab.Variant, scenario string, faults ...string,
) readme.Draw {
	t.Helper()
	events := sim.Play(t, c, v, scenario, faults...).Events
	columns := event.Touched(v.Columns(), events)
	return func(w io.Writer) error { return event.SVG(w, columns, events) }
}

// Scores is the table of what every fault has done to some variants, by kind of fault,
// too. The head has five cells. Names stand in place of the variants', if there are any.
func Scores(head []string, reports []lab.Report, names ...string) string {
	rows := [][]string{head}
	for i, r := range reports {
		name := r.Variant
		if names != nil {
			name = names[i]
		}
		rows = append(rows, []string{
			name, fmt.Sprint(r.Faults), fmt.Sprintf("**%d**", r.Broken-r.Torn),
			fmt.Sprint(r.Schedules), fmt.Sprint(r.Torn),
		})
	}
	kinds := readme.Folded("By kind of fault", lab.KindTable(reports...))
	return readme.Markdown(rows) + "\n" + kinds
}

// Mistakes is the table of a chapter's classic mistakes, as their headers tell them. The
// first cell of its head says how the reader names one.
func Mistakes(t *testing.T, c lab.Chapter, name string) string {
	t.Helper()
	list, err := source.Mistakes(c, root)
	require.NoError(t, err)
	rows := [][]string{{name, "what is wrong", "why people do it"}}
	for _, m := range list {
		rows = append(rows, []string{"`" + m.Name + "`", m.What, m.Why})
	}
	return readme.Markdown(rows)
}
