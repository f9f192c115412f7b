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

	"github.com/bluekeyes/go-gitdiff/gitdiff"
	"github.com/stretchr/testify/require"
)

const leastMistakes = 4 // of an exercise

// TestEveryExerciseIsGradedAsItShouldBe grades the graders: with what was given,
// the solution, and the solution with each mistake in it in the student's place,
// by Go's -overlay. Nothing in the tree changes, and what a student has written
// there does not matter.
func TestEveryExerciseIsGradedAsItShouldBe(t *testing.T) {
	for _, e := range exercises(t) {
		t.Run(e.Name+" as it is given", func(t *testing.T) {
			t.Parallel()
			r := gradeProgram(t, e, "", "", e.Start())
			require.Empty(t, r.Steps, "it is untouched, and yet it was graded")
			require.Contains(t, r.Said, "NOT STARTED: "+e.Folder+"/")
			r = gradeProgram(t, e, "1", "", e.Start())
			require.True(t, len(r.Steps) >= 3 && len(r.Steps) <= 6, "it has %d steps", len(r.Steps))
			for _, step := range r.Steps {
				require.False(t, step.Passed, "nothing is written, and it passes: %s", step.Name)
				require.Contains(t, step.Said, "not written yet: "+e.Folder+"/", step.Name)
			}
		})
		t.Run(e.Name+" as its solution has it", func(t *testing.T) {
			t.Parallel()
			r := gradeProgram(t, e, "", "", e.Solution())
			require.NotEmpty(t, r.Steps, "%s", r.Said)
			for _, step := range r.Steps {
				require.True(t, step.Passed, "%s: %s", step.Name, step.Said)
			}
		})
		mistakes, err := filepath.Glob(filepath.Join(e.Mistakes(), "*.patch"))
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(mistakes), leastMistakes, "%s needs more mistakes", e.Name)
		for _, patch := range mistakes {
			t.Run(e.Name+" with the mistake "+strings.TrimSuffix(filepath.Base(patch), ".patch"), func(t *testing.T) {
				if testing.Short() {
					t.Skip("-short leaves the mistakes out: each is built anew")
				}
				t.Parallel()
				requireCaught(t, e, patch)
			})
		}
	}
}

// requireCaught requires that the solution with a mistake in it passes all steps
// before the step that the patch's header names, that this step says what the
// header says, and that the next one is not judged.
func requireCaught(t *testing.T, e graded, patch string) {
	t.Helper()
	text, err := os.ReadFile(patch)
	require.NoError(t, err)
	files, header, err := gitdiff.Parse(bytes.NewReader(text))
	require.NoError(t, err)
	require.NotEmpty(t, files, "%s changes nothing", patch)
	var at int
	var says string
	for line := range strings.Lines(header) {
		switch name, value, _ := strings.Cut(strings.TrimSpace(line), ": "); name {
		case "Step":
			_, err = fmt.Sscan(value, &at)
			require.NoError(t, err)
		case "Says":
			says = value
		}
	}
	require.NotZero(t, at, "%s has no Step", patch)
	require.NotEmpty(t, says, "%s has no Says", patch)
	wrong := t.TempDir()
	for _, f := range files {
		program, err := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(e.Dir)), filepath.FromSlash(f.OldName)))
		require.NoError(t, err)
		var changed bytes.Buffer
		require.NoError(t, gitdiff.Apply(&changed, bytes.NewReader(program), f), "%s no longer applies", patch)
		require.NoError(t, os.WriteFile(filepath.Join(wrong, filepath.Base(f.OldName)), changed.Bytes(), 0o600))
	}
	r := gradeProgram(t, e, "", fmt.Sprintf("-run=/^[1-%d]_", at+1), e.Solution(), wrong)
	require.GreaterOrEqual(t, len(r.Steps), at, "%s", r.Said)
	for _, later := range r.Steps[at:] {
		want := fmt.Sprintf("not judged before step %d passes", at)
		require.Contains(t, later.Said, want, later.Name)
	}
	for i, step := range r.Steps[:at] {
		require.Equal(t, i+1 < at, step.Passed, "it should fail first at step %d; %s: %s", at, step.Name, step.Said)
	}
	require.Contains(t, r.Steps[at-1].Said, says)
	t.Logf("step %d:\n%s", at, r.Steps[at-1].Said)
}

// gradeProgram runs an exercise's tests on a program. Where its folders have the
// same file, the last one counts.
func gradeProgram(t *testing.T, e graded, grade, flag string, dirs ...string) (r Result) {
	t.Helper()
	replace := map[string]string{}
	for _, name := range e.written {
		replace[filepath.Join(e.Dir, name)] = "" // it is not there
	}
	for _, dir := range dirs {
		texts, err := Texts(dir)
		require.NoError(t, err)
		require.NotEmpty(t, texts, "there is no program in %s", dir)
		for name := range texts {
			replace[filepath.Join(e.Dir, name)] = filepath.Join(dir, name)
		}
	}
	overlay := filepath.Join(t.TempDir(), "overlay.json")
	text, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(overlay, text, 0o600))
	program, err := filepath.Rel(e.Dir, dirs[0])
	require.NoError(t, err)

	flags := append(strings.Fields(flag), "-json", "-vet=off", "-ldflags=-w", "-overlay="+overlay)
	test := goTest(t.Context(), filepath.Dir(filepath.Dir(e.Dir)), append(flags, "./"+e.Folder)...)
	test.Env = append(os.Environ(), ProgramVariable+"="+filepath.ToSlash(program), GradeVariable+"="+grade)
	var said bytes.Buffer
	test.Stdout, test.Stderr = &said, &said
	_ = test.Run() // that steps fail, the result says
	r.read(said.Bytes())
	return r
}

func TestAnExerciseIsGivenAsItsCopySays(t *testing.T) {
	if os.Getenv("UPDATE")+os.Getenv("CI") == "" {
		t.Skip("whoever just writes need not begin first")
	}
	root, err := Root(".")
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
				require.NoError(t, os.WriteFile(filepath.Join(e.Start(), name), []byte(text), 0o644))
			}
		}
		untouched, err := e.Untouched(e.Dir)
		require.NoError(t, err)
		require.True(t, untouched, "%s and its testdata/start differ: UPDATE=1 go test ./internal/study copies one to the other", e.Folder)
	}
}

// graded is an exercise, and what a student has in its folder: the names of the
// files, but for those of tests.
type graded struct {
	Exercise
	written []string
}

// exercises lists all that there are.
//
// What the tests run, Go does not see them read: so they look into the folder of
// each package that is built, for Go to know when its cached result is old; but not
// at what a student writes.
func exercises(t *testing.T) (list []graded) {
	t.Helper()
	root, err := Root(".")
	require.NoError(t, err)
	all, err := List(root)
	require.NoError(t, err)
	ask := []string{"list", "-e", "-deps", "-test", "-json=Dir,Standard,ForTest,GoFiles,TestGoFiles"}
	for _, e := range all {
		ask = append(ask, "./"+e.Folder)
	}
	command := exec.CommandContext(t.Context(), "go", ask...)
	command.Dir = root
	said, err := command.Output()
	require.NoError(t, err)
	for packages := json.NewDecoder(bytes.NewReader(said)); packages.More(); {
		var p struct {
			Dir, ForTest         string
			Standard             bool
			GoFiles, TestGoFiles []string
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
			list = append(list, graded{all[i], p.GoFiles})
			for _, name := range p.TestGoFiles {
				_, err = os.Stat(filepath.Join(p.Dir, name))
				require.NoError(t, err)
			}
		}
	}
	require.Len(t, list, len(all))
	return list
}
