package grade

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/course/stub"
	"example.com/dtx/course/study"
)

// frames is what the runtime prints, shortened: frames of the runtime, of the
// student's code, of the test.
const frames = `

goroutine 36 [chan receive (durable), synctest bubble 1]:
example.com/dtx/ch04-saga/exercise/shop.(*Orders).do(0x1)
	/home/ada/dtx/ch04-saga/exercise/shop/run.go:41 +0x1c
example.com/dtx/ch04-saga/exercise.Recover({0x1})
	/home/ada/dtx/ch04-saga/exercise/recover.go:24 +0x1c
example.com/dtx/ch04-saga/exercise.TestExercise(0x1)
	/home/ada/dtx/ch04-saga/exercise/exercise_test.go:13 +0x1c
`

func TestMain(m *testing.M) { Main(m) }

// TestAStepsProcessLeavesItsFinding tries steps whose code prints what is no finding.
func TestAStepsProcessLeavesItsFinding(t *testing.T) {
	rows := []struct {
		name string
		try  func(t *T)
		want study.Finding
	}{
		{"prints what go test prints", func(*T) {
			fmt.Print("ok 1\nPASS\n--- FAIL: no\n{\"Passed\": false}\nno new line")
		}, study.Finding{
			Passed: true, Said: "ok 1\nPASS\n--- FAIL: no\n{\"Passed\": false}\nno new line",
		}},
		{"prints what the grader says", func(t *T) {
			fmt.Println("panic: mine\nfound    nothing\nnot written yet: mine")
			t.Wrong("this", "that", "and more")
		}, study.Finding{
			Said: "panic: mine\nfound    nothing\nnot written yet: mine",
			Done: "this", Found: []string{"that", "and more"},
		}},
		{"lacks a function", func(t *T) {
			t.NoError(fmt.Errorf("claim: %w", stub.Error{File: "ch00-x/exercise/a.go", Line: 7}))
		}, study.Finding{NotWritten: "not written yet: ch00-x/exercise/a.go:7"}},
		{"fails by itself, and goes on", func(t *T) {
			fmt.Fprintln(t.Output(), "yours")
			t.Fail()
		}, study.Finding{Said: "yours"}},
		{"panics", func(*T) { panic("mine") },
			study.Finding{Cut: "your program panicked: mine"}},
		{"panics in the middle of a line", func(*T) { fmt.Print("here"); panic("mine") },
			study.Finding{Cut: "your program panicked: mine"}},
		{"ends its process", func(*T) { os.Exit(3) },
			study.Finding{Cut: "your program ended early: exit status 3"}},
		{"writes that it has passed, and ends its process", func(*T) {
			_ = leave(study.Finding{Passed: true})
			os.Exit(3)
		}, study.Finding{Cut: "your program ended early: exit status 3"}},
		{"is wrong, and ends its process", func(t *T) {
			t.Cleanup(func() { os.Exit(3) })
			t.Wrong("this", "that")
		}, study.Finding{Done: "this", Found: []string{"that"}}},
	}
	if n, err := strconv.Atoi(os.Getenv(stepVariable)); err == nil {
		try(t, study.Exercise{}, n, Step{Try: rows[n-1].try})
		return
	}
	for i, row := range rows {
		t.Run("it "+row.name, func(t *testing.T) { require.Equal(t, row.want, attempt(t, i+1)) })
	}
}

func TestWhatEndsAStepIsSaidInTheStudentsTerms(t *testing.T) {
	const at = ", at ch04-saga/exercise/recover.go:24"
	for _, row := range []struct{ said, want string }{
		{"panic: deadlock: main bubble goroutine has exited but blocked goroutines remain" + frames,
			"a goroutine of your program never ends" + at},
		{"panic: deadlock: all goroutines in bubble are blocked" + frames,
			"your program waits for what never comes (a deadlock)" + at},
		{"mine\npanic: runtime error: index out of range [1] with length 1" + frames,
			"your program panicked: runtime error: index out of range [1] with length 1" + at},
		{"fatal error: concurrent map writes" + frames,
			"your program panicked: concurrent map writes" + at},
		{"panic: no frame of the student's",
			"your program panicked: no frame of the student's"},
	} {
		require.Equal(t, study.Finding{Cut: row.want}, died(row.said, nil))
	}
}

func TestALineOfGoTestsThatIsCutOffIsNotTheStudents(t *testing.T) {
	require.Equal(t, "mine", clean([]byte("mine\n\x16=== ATTR  TestExercise")))
}

func TestAPlaceIsTheStudentsOnWindowsToo(t *testing.T) {
	windows := strings.ReplaceAll(frames, "/", `\`)
	require.Equal(t, "ch04-saga/exercise/recover.go:24", place(windows))
	require.Empty(t, place("/home/ada/dtx/ch04-saga/exercise/exercise_test.go:13"))
	require.Empty(t, place("/home/ada/dtx/ch04-saga/saga/recover.go:24"))
}

func TestAProgramThatPrintsForEverKeepsItsEnd(t *testing.T) {
	var said tail
	for range 100 {
		n, err := said.Write([]byte(strings.Repeat("a", 10_000)))
		require.NoError(t, err)
		require.Equal(t, 10_000, n)
	}
	_, err := said.Write([]byte("the end"))
	require.NoError(t, err)
	require.LessOrEqual(t, len(said.text), 2*maxSaid)
	require.True(t, strings.HasSuffix(string(said.text), "the end"))
}
