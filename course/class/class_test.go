package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestClassOfThirtyIsGradedRightly is part of .ci/long: it takes some minutes.
func TestClassOfThirtyIsGradedRightly(t *testing.T) {
	if os.Getenv("CLASS") == "" {
		t.Skip("CLASS=1 grades a class of 30, as .ci/long does")
	}
	class := append(wholeClass(t), smallClass()...)
	require.GreaterOrEqual(t, len(class), 30)
	gradeClass(t, class, "-time", "1m")
}

// wholeClass has a solution and a mistake of every exercise, and what takes long to grade.
func wholeClass(t *testing.T) (class []handedIn) {
	t.Helper()
	for name, e := range course(t) {
		solution := handedIn{student: "solution-" + name, exercise: name, state: Played}
		solution.zipped = e.Chapter%2 == 0
		patches, err := filepath.Glob(filepath.Join(e.Mistakes(), "*.patch"))
		require.NoError(t, err)
		class = append(class, solution, mistaken(t, name, patches[0]))
	}
	saga := course(t)["saga"]
	for _, mistake := range []string{"endless-loop", "memory-without-end", "goroutine-left"} {
		patch := filepath.Join(saga.Mistakes(), mistake+".patch")
		class = append(class, mistaken(t, "saga", patch))
	}
	first := func(student, lines string, state State, said string) handedIn {
		return handedIn{
			student: student, exercise: "2pc", file: "first.go", state: state, first: 1,
			new: "package exercise\n\n" + lines, said: said,
		}
	}
	return append(class,
		first("loops-first", "func init() { for { } }\n",
			Ended, "it took the processor for more than 1m0s"),
		first("eats-first", "var all = func() (all [][]byte) {\nfor {\n"+
			"all = append(all, []byte(string(make([]byte, 1<<20))))\n}\n}()\n",
			Ended, "it held more than 2048 MB of memory"),
		first("forges", "import \"os\"\n\nfunc init() {\n"+
			"os.WriteFile(os.TempDir()+\"/step-1.passed\", []byte(\"true\"), 0o600)\n}\n",
			Refused, "first.go:3:8: imports os"),
	)
}

// mistaken hands in a mistake, which says in its header what the grading has to say.
func mistaken(t *testing.T, exercise, patch string) handedIn {
	t.Helper()
	text, err := os.ReadFile(patch)
	require.NoError(t, err)
	name := strings.TrimSuffix(filepath.Base(patch), ".patch")
	h := handedIn{student: exercise + "-" + name, exercise: exercise, mistake: name, state: Played}
	for line := range strings.Lines(string(text)) {
		switch field, value, _ := strings.Cut(strings.TrimSpace(line), ": "); field {
		case "Step":
			_, err = fmt.Sscan(value, &h.first)
			require.NoError(t, err)
		case "Says":
			h.said = value
		}
	}
	return h
}
