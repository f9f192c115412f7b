package study

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// unwritten is the exercise as a student gets it.
const unwritten = "// Package exercise asks for a number.\npackage exercise\n\n" +
	"func answer() int { return 0 } // stub.NotWritten()\n"

const solved = "package exercise\n\nfunc answer() int { return 42 }\n"

// small holds the files of a small course with one exercise. Its grader is not the
// laboratory's, which these tests are not about.
var small = map[string]string{
	"go.mod": "module example.com/dtx\n\ngo 1.26\n",
	"ch07-toy/exercise/testdata/start/answer.go":    unwritten,
	"ch07-toy/exercise/answer.go":                   unwritten,
	"ch07-toy/exercise/testdata/solution/answer.go": solved,
	"ch07-toy/exercise/exercise_test.go": `package exercise

import "testing"

func TestExercise(t *testing.T) {
	t.Run("1 it is there", func(t *testing.T) {})
	t.Run("2 it is right", func(t *testing.T) {
		if answer() != 42 {
			t.Error("found another")
		}
	})
}
`,
}

const folderOfToy = "ch07-toy/exercise"

// course makes the small course, and goes to one of its folders.
func course(t *testing.T, at string) (root string) {
	t.Helper()
	t.Setenv(GradeVariable, "")
	root, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	for name, text := range small {
		write(t, filepath.Join(root, name), text)
	}
	t.Chdir(filepath.Join(root, at))
	return root
}

func write(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

// typed does what a command line says.
func typed(t *testing.T, line string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errors bytes.Buffer
	code = Main(t.Context(), strings.Fields(line), &out, &errors)
	return code, out.String(), errors.String()
}

func TestAStudentGoesThroughAnExercise(t *testing.T) {
	root := course(t, ".")
	code, out, _ := typed(t, "next")
	require.Zero(t, code)
	require.Contains(t, out,
		"7  toy              not begun\n\nnext: read ch07-toy/README.md, and go run . start 7\n")

	code, out, _ = typed(t, "start 7")
	require.Zero(t, code)
	require.Contains(t, out, "Package exercise asks for a number.\n\n"+
		"To write:\n\n    ch07-toy/exercise/answer.go:4\n\n"+
		"To test:\n\n    go test ./ch07-toy/exercise\n")

	code, out, _ = typed(t, "next")
	require.Equal(t, 1, code, "what is begun does not pass")
	require.Contains(t, out, "begun: 1 of 2 steps pass\n\n"+
		"next: go test ./ch07-toy/exercise\n\n2 it is right\n")
	code, out, errors := typed(t, "solution 7")
	require.Equal(t, 1, code)
	require.Empty(t, out, "it is shown, and the student's own does not pass")
	require.Contains(t, errors, "does not pass yet")
	_, out, _ = typed(t, "solution 7 -peek")
	require.Contains(t, out, "return 42")

	answer := filepath.Join(root, folderOfToy, "answer.go")
	write(t, answer, "package exercise\n\nfunc answer() int { return 6 * 7 }\n")
	code, out, _ = typed(t, "next")
	require.Zero(t, code)
	require.Contains(t, out, "done: 2 of 2. Now compare: go run . solution 7\n\nall is done\n")
	code, out, _ = typed(t, "solution toy")
	require.Zero(t, code)
	require.Contains(t, out, "return 42")
}

func TestAReportForAClassIsJSON(t *testing.T) {
	course(t, ".")
	t.Setenv(GradeVariable, "1")
	code, out, _ := typed(t, "next -json")
	require.Equal(t, 1, code, "what is graded does not pass")
	var results []Result
	require.NoError(t, json.Unmarshal([]byte(out), &results))
	require.Len(t, results, 1)
	require.Equal(t, "begun", results[0].State, "the grade is strict")
	require.Equal(t, 1, results[0].Passed())
	require.Contains(t, results[0].Steps[1].Said, "found another")
}

func TestAProgramThatDoesNotCompileIsSaidToBeOne(t *testing.T) {
	root := course(t, ".")
	answer := filepath.Join(root, folderOfToy, "answer.go")
	write(t, answer, "package exercise\n\nfunc answer() int { return }\n")
	_, out, _ := typed(t, "next")
	require.Contains(t, out, "answer.go:3:21: not enough return values")
}

func TestResetKeepsACopyOfWhatItTakesAway(t *testing.T) {
	root := course(t, folderOfToy)
	mine := "package exercise\n\nfunc answer() int { return helper() }\n"
	more := "package exercise\n\nfunc helper() int { return 41 }\n"
	for n, kept := range []string{"toy-1", "toy-2"} {
		write(t, "answer.go", mine)
		write(t, "helper.go", more)
		code, out, _ := typed(t, "reset")
		require.Zero(t, code)
		require.Contains(t, out, filepath.Join(root, ".course", kept),
			"reset %d does not say where the work is", n+1)
		for name, text := range map[string]string{"answer.go": mine, "helper.go": more} {
			copied, err := os.ReadFile(filepath.Join(root, ".course", kept, name))
			require.NoError(t, err)
			require.Equal(t, text, string(copied))
		}
		require.NoFileExists(t, "helper.go")
		now, err := os.ReadFile("answer.go")
		require.NoError(t, err)
		require.Equal(t, small[folderOfToy+"/answer.go"], string(now))
		require.FileExists(t, "exercise_test.go")
	}
}

func TestCommandsWorkInAnyFolderOfTheCourse(t *testing.T) {
	root := course(t, folderOfToy)
	code, out, _ := typed(t, "start")
	require.Zero(t, code)
	require.Contains(t, out, "go test example.com/dtx/ch07-toy/exercise")
	p, err := ReadProgress(root)
	require.NoError(t, err)
	require.Equal(t, []string{"toy"}, p.Begun)
	t.Chdir(t.TempDir())
	code, _, errors := typed(t, "next")
	require.Equal(t, 1, code)
	require.Contains(t, errors, "is not in it")
}

func TestWhatIsNotUnderstoodChangesNothing(t *testing.T) {
	root := course(t, ".")
	for line, says := range map[string]string{
		"stat 7":           `there is no command "stat"`,
		"start":            "start: of which chapter? There are: 7 (toy)",
		"start 8":          `there is no exercise "8". There are: 7 (toy)`,
		"start -7":         "flag provided but not defined: -7",
		"start 7 8":        `what is "8" for?`,
		"next 7":           `what is "7" for?`,
		"reset 7 -json":    "flag provided but not defined: -json",
		"solution -peek x": `there is no exercise "x"`,
		"watch":            "watch: of which chapter?",
	} {
		code, out, errors := typed(t, line)
		require.Equal(t, 2, code, line)
		require.Empty(t, out, line)
		require.Contains(t, errors, says, line)
	}
	require.NoDirExists(t, filepath.Join(root, ".course"))
}

func TestProgressThatCannotBeReadIsNotOverwritten(t *testing.T) {
	root := course(t, ".")
	path := filepath.Join(root, ".course", "progress.json")
	write(t, path, `{"begun": [`)
	for _, line := range []string{"start 7", "next", "reset 7"} {
		code, _, errors := typed(t, line)
		require.Equal(t, 1, code, line)
		require.Contains(t, errors, path, line)
	}
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, `{"begun": [`, string(text))
}

func TestWatchTestsAgainWhenAFileChanges(t *testing.T) {
	root := course(t, ".")
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	defer stop()
	said := make(seen)
	ended := make(chan int, 1)
	go func() { ended <- Main(ctx, []string{"watch", "7"}, said, said) }()
	require.True(t, said.until("waiting for a change"), "watch has not tested what is there")
	answer := filepath.Join(root, folderOfToy, "answer.go")
	write(t, answer, small[folderOfToy+"/testdata/solution/answer.go"])
	require.True(t, said.until("all steps pass"), "a file has changed, and watch has not tested it")
	stop()
	for {
		select {
		case <-said:
		case code := <-ended:
			require.Zero(t, code, "Ctrl-C is how watching ends")
			return
		}
	}
}

// seen passes on what is written to it.
type seen chan string

func (s seen) Write(p []byte) (int, error) {
	s <- string(p)
	return len(p), nil
}

// until waits for a text.
func (s seen) until(text string) bool {
	for {
		select {
		case said := <-s:
			if strings.Contains(said, text) {
				return true
			}
		case <-time.After(30 * time.Second):
			return false
		}
	}
}
