package study

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/program"
)

const leastMistakes = 4 // of an exercise

// TestEveryExerciseIsGradedAsItShouldBe grades the graders: with what was given, the
// solution, and the solution with each mistake in it in the student's place. Nothing in
// the tree changes, and what a student has written there does not matter.
func TestEveryExerciseIsGradedAsItShouldBe(t *testing.T) {
	for _, e := range exercises(t) {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			mistakes := e.mistakes(t)
			require.GreaterOrEqual(t, len(mistakes), leastMistakes,
				"%s needs more mistakes", e.Name)
			if testing.Short() {
				mistakes = nil
			}
			given, solution := attemptOf(t, e.Start()), attemptOf(t, e.Solution())
			built := e.build(t, append(attempts(mistakes), given, solution))
			t.Run("as it is given", func(t *testing.T) {
				t.Parallel()
				requireNotStarted(t, e, built, given)
			})
			t.Run("as its solution has it", func(t *testing.T) {
				t.Parallel()
				r := e.play(t, built, solution, "")
				require.NotEmpty(t, r.Steps, "%s", r.Said)
				for _, step := range r.Steps {
					require.True(t, step.Passed, "%s: %s", step.Name, step.Said)
				}
			})
			for _, m := range mistakes {
				t.Run("with the mistake "+m.name, func(t *testing.T) {
					t.Parallel()
					requireCaught(t, e, built, m)
				})
			}
		})
	}
}

// requireNotStarted requires that what was given is not graded, and that a strict grade
// says of each step what is not written.
func requireNotStarted(t *testing.T, e graded, built string, given attempt) {
	t.Helper()
	r := e.play(t, built, given, "")
	require.Empty(t, r.Steps, "it is untouched, and yet it was graded")
	require.Contains(t, r.Said, "NOT STARTED: "+e.Folder+"/")
	r = e.play(t, built, given, "1")
	require.True(t, len(r.Steps) >= 3 && len(r.Steps) <= 6, "it has %d steps", len(r.Steps))
	for _, step := range r.Steps {
		require.False(t, step.Passed, "nothing is written, and it passes: %s", step.Name)
		require.Regexp(t, "^not written yet: "+e.Folder+`/\S+:\d+$`, step.Said, step.Name)
	}
}

// requireCaught requires that the solution with a mistake in it passes all steps
// before the step that the patch's header names, that this step says what the
// header says, and that the next one is not judged.
func requireCaught(t *testing.T, e graded, built string, m mistake) {
	t.Helper()
	r := e.play(t, built, m.attempt, "", fmt.Sprintf("-test.run=/^[1-%d]_", m.step+1))
	require.GreaterOrEqual(t, len(r.Steps), m.step, "%s", r.Said)
	for _, later := range r.Steps[m.step:] {
		want := fmt.Sprintf("not judged before step %d passes", m.step)
		require.Contains(t, later.Said, want, later.Name)
	}
	for i, step := range r.Steps[:m.step] {
		require.Equal(t, i+1 < m.step, step.Passed,
			"it should fail first at step %d; %s: %s", m.step, step.Name, step.Said)
	}
	said := r.Steps[m.step-1].Said
	require.Contains(t, said, m.says)
	t.Logf("step %d:\n%s", m.step, said)
}

func TestAnExerciseIsGivenAsItsCopySays(t *testing.T) {
	if os.Getenv("UPDATE")+os.Getenv("CI") == "" {
		t.Skip("a student who only writes need not begin first")
	}
	root, err := program.Root(".")
	require.NoError(t, err)
	list, err := List(root)
	require.NoError(t, err)
	p, err := ReadProgress(root)
	require.NoError(t, err)
	for _, e := range list {
		if p.HasBegun(e) {
			continue // here, a student is at work
		}
		if os.Getenv("UPDATE") != "" {
			texts, err := Texts(e.Dir)
			require.NoError(t, err)
			for name, text := range texts {
				path := filepath.Join(e.Start(), name)
				require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
			}
		}
		untouched, err := e.Untouched(e.Dir)
		require.NoError(t, err)
		require.True(t, untouched, "%s and its testdata/start differ: "+
			"UPDATE=1 go test ./course/study copies one to the other", e.Folder)
	}
}

// exercises lists all that there are.
//
// What the tests run, Go does not see them read: so they look into the folder of
// each package that is built, for Go to know when its cached result is old; but not
// at what a student writes.
func exercises(t *testing.T) (list []graded) {
	t.Helper()
	root, err := program.Root(".")
	require.NoError(t, err)
	all, err := List(root)
	require.NoError(t, err)
	ask := []string{"list", "-e", "-deps", "-test", "-json=Dir,Standard,ForTest,TestGoFiles"}
	for _, e := range all {
		ask = append(ask, "./"+e.Folder)
	}
	command := exec.CommandContext(t.Context(), "go", ask...)
	command.Dir = root
	said, err := command.Output()
	require.NoError(t, err)
	for packages := json.NewDecoder(bytes.NewReader(said)); packages.More(); {
		var p struct {
			Dir, ForTest string
			Standard     bool
			TestGoFiles  []string
		}
		require.NoError(t, packages.Decode(&p))
		switch {
		case p.Standard || !strings.HasPrefix(p.Dir, root): // go.mod says which
		case filepath.Base(p.Dir) != "exercise":
			_, err = os.ReadDir(p.Dir)
			require.NoError(t, err)
		case p.ForTest == "" && len(p.TestGoFiles) > 0:
			i := slices.IndexFunc(all, func(e Exercise) bool { return e.Dir == p.Dir })
			require.GreaterOrEqual(t, i, 0, p.Dir)
			list = append(list, graded{all[i], p.TestGoFiles})
			for _, name := range p.TestGoFiles {
				_, err = os.Stat(filepath.Join(p.Dir, name))
				require.NoError(t, err)
			}
		}
	}
	require.Len(t, list, len(all))
	return list
}
