package grade

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

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

func TestWhatEndsAStepIsSaidInTheStudentsTerms(t *testing.T) {
	g := &grader{Exercise: study.Exercise{Name: "saga"}}
	const at = ", at ch04-saga/exercise/recover.go:24"
	for _, row := range []struct{ said, want string }{
		{"panic: deadlock: main bubble goroutine has exited but blocked goroutines remain" + frames,
			"cut      a goroutine of your program never ends" + at},
		{"panic: deadlock: all goroutines in bubble are blocked" + frames,
			"cut      your program waits for what never comes (a deadlock)" + at},
		{"mine\npanic: runtime error: index out of range [1] with length 1" + frames,
			"cut      your program panicked: " +
				"runtime error: index out of range [1] with length 1" + at},
		{"fatal error: concurrent map writes" + frames,
			"cut      your program panicked: concurrent map writes" + at},
		{"panic: no frame of the student's",
			"cut      your program panicked: no frame of the student's"},
		{"done     one\nfound    another", "done     one\nfound    another"},
	} {
		require.Equal(t, row.want, g.explain(row.said))
	}
}

func TestAPlaceIsTheStudentsOnWindowsToo(t *testing.T) {
	windows := strings.ReplaceAll(frames, "/", `\`)
	require.Equal(t, "ch04-saga/exercise/recover.go:24", place(windows))
	require.Empty(t, place("/home/ada/dtx/ch04-saga/exercise/exercise_test.go:13"))
	require.Empty(t, place("/home/ada/dtx/ch04-saga/saga/recover.go:24"))
}

func TestAStepsOwnWordsAreLeft(t *testing.T) {
	said := "=== RUN   TestExercise\nfrom fmt.Println\n--- FAIL: TestExercise (0.01s)\n" +
		"    done     one\n    found    another\n\n        drawn\nFAIL\n"
	require.Equal(t, "from fmt.Println\ndone     one\nfound    another\n\n    drawn", clean(said))
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
