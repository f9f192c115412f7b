package study

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bluekeyes/go-gitdiff/gitdiff"
	"github.com/stretchr/testify/require"
)

// graded is an exercise, and the names of the files of its tests.
type graded struct {
	Exercise
	tests []string
}

// attempt is what stands in the student's place.
type attempt struct {
	name   string
	folder string // the one in which it seems to stand
	texts  map[string]string
}

func attemptOf(t *testing.T, folder string) attempt {
	t.Helper()
	texts, err := Texts(folder)
	require.NoError(t, err)
	require.NotEmpty(t, texts, "there is no program in %s", folder)
	return attempt{filepath.Base(folder), folder, texts}
}

// mistake is a solution with a mistake in it.
type mistake struct {
	attempt
	step int    // the first that fails
	says string // what that step's message has
}

func attempts(mistakes []mistake) (list []attempt) {
	for _, m := range mistakes {
		list = append(list, m.attempt)
	}
	return list
}

func (e graded) mistakes(t *testing.T) (list []mistake) {
	t.Helper()
	patches, err := filepath.Glob(filepath.Join(e.Mistakes(), "*.patch"))
	require.NoError(t, err)
	for _, patch := range patches {
		list = append(list, e.mistake(t, patch))
	}
	return list
}

// mistake reads a patch and applies it to the solution.
func (e graded) mistake(t *testing.T, patch string) mistake {
	t.Helper()
	text, err := os.ReadFile(patch)
	require.NoError(t, err)
	files, header, err := gitdiff.Parse(bytes.NewReader(text))
	require.NoError(t, err)
	require.NotEmpty(t, files, "%s changes nothing", patch)
	m := mistake{attempt: attemptOf(t, e.Solution())}
	m.name = strings.TrimSuffix(filepath.Base(patch), ".patch")
	for line := range strings.Lines(header) {
		switch name, value, _ := strings.Cut(strings.TrimSpace(line), ": "); name {
		case "Step":
			_, err = fmt.Sscan(value, &m.step)
			require.NoError(t, err)
		case "Says":
			m.says = value
		}
	}
	require.NotZero(t, m.step, "%s has no Step", patch)
	require.NotEmpty(t, m.says, "%s has no Says", patch)
	for _, f := range files {
		name := filepath.Base(f.OldName)
		var changed bytes.Buffer
		err := gitdiff.Apply(&changed, strings.NewReader(m.texts[name]), f)
		require.NoError(t, err, "%s no longer applies", patch)
		m.texts[name] = changed.String()
	}
	return m
}

// build makes one test binary that has all programs, each a package of its own with the
// exercise's tests in it: to link is what takes time. The packages are in the overlay
// only. To the compiler, each file stands where the student's does.
func (e graded) build(t *testing.T, all []attempt) (binary string) {
	t.Helper()
	dir, replace := t.TempDir(), map[string]string{}
	var imports, tests strings.Builder
	for i, p := range all {
		files := maps.Clone(p.texts)
		for _, name := range e.tests {
			text, err := os.ReadFile(filepath.Join(e.Dir, name))
			require.NoError(t, err)
			files[name] = string(text)
		}
		for name, text := range files {
			text = fmt.Sprintf("//line %s:1\n%s", filepath.Join(e.Dir, name), text)
			file := strings.Replace(name, "_test.go", ".test.go", 1) // part of the package
			at := filepath.Join(dir, fmt.Sprintf("%d-%s", i, file))
			require.NoError(t, os.WriteFile(at, []byte(text), 0o600))
			replace[filepath.Join(e.Dir, "programs", fmt.Sprint("p", i), file)] = at
		}
		fmt.Fprintf(&imports, "\tp%d \"example.com/dtx/%s/programs/p%[1]d\"\n", i, e.Folder)
		fmt.Fprintf(&tests, "\t\t%q: p%d.TestExercise,\n", p.name, i)
	}
	main := filepath.Join(dir, "all_test.go")
	require.NoError(t, os.WriteFile(main, fmt.Appendf(nil, allTests, &imports, &tests), 0o600))
	replace[filepath.Join(e.Dir, "programs", "all_test.go")] = main
	overlay := filepath.Join(dir, "overlay.json")
	text, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(overlay, text, 0o600))

	binary = filepath.Join(dir, "programs.test.exe")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-o="+binary, "-vet=off",
		"-ldflags=-w", "-overlay="+overlay, "./"+e.Folder+"/programs")
	build.Dir = filepath.Dir(filepath.Dir(e.Dir))
	said, err := build.CombinedOutput()
	require.NoError(t, err, "%s", said)
	return binary
}

// allTests is the test that plays the program that the environment names.
const allTests = `package programs

import (
	"os"
	"testing"
%s)

func TestMain(m *testing.M) { p0.TestMain(m) }

func TestExercise(t *testing.T) {
	map[string]func(*testing.T){
%s	}[os.Getenv("COURSE_PLAYED")](t)
}
`

// play runs an exercise's tests on a program.
func (e graded) play(
	t *testing.T, built string, p attempt, strict string, flags ...string,
) (r Result) {
	t.Helper()
	as, err := filepath.Rel(e.Dir, p.folder)
	require.NoError(t, err)
	args := append([]string{"tool", "test2json", built, "-test.v=test2json"}, flags...)
	test := exec.CommandContext(t.Context(), "go", args...)
	test.Dir = e.Dir
	test.Env = append(os.Environ(), "COURSE_PLAYED="+p.name,
		ProgramVariable+"="+filepath.ToSlash(as), GradeVariable+"="+strict, FindingsVariable+"=1")
	var said bytes.Buffer
	test.Stdout, test.Stderr = &said, &said
	_ = test.Run() // that steps fail, the result says
	r.Read(said.Bytes())
	return r
}
