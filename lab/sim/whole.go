package sim

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
)

// RequireWhole fails t if some kind of fault breaks a variant more often than the
// chapter keeps of its scores (ScoreFile). It shows the shortest run of each
// kind of damage, and leaves its events and its drawing in the chapter's folder out.
func RequireWhole(t *testing.T, c lab.Chapter, r lab.Report) {
	t.Helper()
	if reporting() {
		return
	}
	worse := worse(t, r)
	if len(worse) == 0 {
		for _, d := range r.Damages {
			t.Logf("%s breaks in %d runs, which is known: %s, %s",
				d.Variant, d.Runs, d.Damage, d.Cause())
		}
		return
	}
	t.Errorf("broken more often than %s keeps: %v", ScoreFile, worse)
	for i, d := range r.Damages {
		var drawing strings.Builder
		columns := columns(t, c, d)
		require.NoError(t, event.Text(&drawing, columns, d.Events))
		const again = "%s breaks in %d runs: %s\nthe shortest has %s\n\n%s\nagain: %s"
		t.Errorf(again, d.Variant, d.Runs, d.Damage, d.Cause(), &drawing, d.Command(c.Name))
		keep(t, fmt.Sprintf("%s-%d", d.Variant, i+1), columns, d.Events)
	}
}

// RequireClean fails t for all damage, known or not.
func RequireClean(t *testing.T, r lab.Report) {
	t.Helper()
	require.Empty(t, r.Wrong)
	for _, d := range r.Damages {
		t.Errorf("%s, after %s: %s is broken in %d runs: %s",
			d.Variant, d.Cause(), d.Invariant, d.Runs, d.Text)
	}
}

// RequireSurvives fails t if a plan of faults breaks the scenario of that name.
func RequireSurvives(
	t *testing.T, c lab.Chapter, v lab.Variant, scenario string, plan ...fault.Fault,
) {
	t.Helper()
	s, err := c.Scenario(scenario)
	require.NoError(t, err)
	r := NewStage(t, c, v).Run(t, s, nil, plan...)
	require.Empty(t, r.Unfired)
	require.Empty(t, r.Findings)
}

// worse lists the kinds of fault that break a variant more often than is kept.
func worse(t *testing.T, r lab.Report) (list []string) {
	t.Helper()
	scores, err := KeptScores(ScoreFile)
	if !errors.Is(err, fs.ErrNotExist) {
		require.NoError(t, err)
	}
	var kept map[string]lab.Count
	for _, s := range scores {
		if s.Variant == r.Variant {
			kept = s.Kinds
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(r.Kinds)) {
		if r.Kinds[kind].Broken > kept[kind].Broken {
			list = append(list, kind)
		}
	}
	return list
}

func columns(t *testing.T, c lab.Chapter, d lab.Damage) []string {
	t.Helper()
	v, err := c.Variant(d.Variant)
	require.NoError(t, err)
	return v.Columns()
}

// keep writes a run to files that outlive the test.
func keep(t *testing.T, name string, columns []string, events []event.Event) {
	t.Helper()
	require.NoError(t, os.MkdirAll("out", 0o755))
	for suffix, write := range map[string]func(io.Writer) error{
		".jsonl": func(w io.Writer) error { return event.Write(w, events) },
		".svg":   func(w io.Writer) error { return event.SVG(w, columns, events) },
	} {
		path, err := filepath.Abs(filepath.Join("out", name+suffix))
		require.NoError(t, err)
		f, err := os.Create(path)
		require.NoError(t, err)
		require.NoError(t, errors.Join(write(f), f.Close()))
		t.Logf("written: %s", path)
		if suffix == ".jsonl" {
			t.Logf("step by step, in the course's folder: go run . replay '%s'", path)
		}
	}
}
