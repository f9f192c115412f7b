package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch02-python-vs-go/contract"
	"example.com/dtx/ch02-python-vs-go/measure"
	"example.com/dtx/ch02-python-vs-go/target"
	"example.com/dtx/internal/openapi"
	"example.com/dtx/lab/readme"
	"example.com/dtx/lab/source"
)

// TestTheLessonIsTrue checks the lesson. Its figures are those of one run, kept in
// figures/measured.json; go run ./ch02-python-vs-go -experiment load -save measures
// them anew.
func TestTheLessonIsTrue(t *testing.T) {
	t.Parallel()
	_, err := target.NewStdlib(t.Context(), here(t))
	if errors.Is(err, target.ErrMissing) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	kept := readme.Measured[measured](t, filepath.Join("figures", "measured.json"))
	s := &story{root: filepath.Dir(here(t))}
	lines, err := s.lines()
	require.NoError(t, err)
	readme.Check(t, "..", name+"/README.md", readme.Config{
		Programs: map[string]readme.Program{"./" + name: run},
		Generated: map[string]string{
			"contract": contractList(t),
			"mistakes": mistakeTable(t),
			"lines":    readme.Markdown(lines),
			"machine":  measure.Versions(kept.Figures) + ", on " + kept.Machine + ".\n",
			"costs":    readme.Markdown(measure.Costs(kept.Figures)),
			"loads":    readme.Markdown(measure.Loads(kept.Figures)),
		},
		Figures: map[string]readme.Draw{
			"figures/load.svg": func(w io.Writer) error { return measure.Chart(w, kept.Figures) },
		},
	})
}

func contractList(t *testing.T) string {
	t.Helper()
	document, err := openapi.Load("openapi.yaml")
	require.NoError(t, err)
	operations, answers := document.Answers()
	var b strings.Builder
	for i, c := range contract.Checks() {
		fmt.Fprintf(&b, "%d. %s\n", i+1, c.Name)
	}
	fmt.Fprintf(&b, "\nThe document has %d operations and %d answers to them.\n",
		operations, answers)
	return b.String()
}

func mistakeTable(t *testing.T) string {
	t.Helper()
	list, err := source.Mistakes(chapter(), "..")
	require.NoError(t, err)
	rows := [][]string{{"`-mistake` …", "in", "what is wrong", "the checks that fail"}}
	for _, m := range list {
		rows = append(rows, []string{"`" + m.Name + "`", m.Variant, m.What, m.Breaks})
	}
	return readme.Markdown(rows)
}
