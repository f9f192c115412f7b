// Package grade tells students what their programs do under faults.
//
// An exercise is a package chNN-NAME/exercise. To write one:
//
//   - The files that the student is to write have functions whose bodies are
//     return stub.NotWritten(), and comments that say what is wanted: the first,
//     the package's, is what `go run . start N` prints. What else the program
//     needs is a package below, exercise/shop for instance.
//   - exercise_test.go has TestMain, which calls [Main], and one test, which
//     calls [Steps] with three to six steps, from easy to hard.
//   - testdata/start has a copy of the student's files (UPDATE=1 go test makes
//     it), testdata/solution the files that are written, testdata/mistakes/NAME.patch
//     a mistake in the solution, and a header: "Step: 2" says which step fails
//     first, "Says: paid twice" what its message has.
//
// The tests of package study build and grade all of them.
//
// A step that needs a shop under faults describes it as a chapter's main.go
// does, and calls [T.Survives] or [T.SurvivesEveryFault]; any other checks what it
// likes, and calls [T.NoError], [T.Wrong] or require. The drawing and the hint are added.
//
// A step is tried in a process of its own, so that nothing that it does can
// spoil another. A student's program that hangs is cut, and told where. The process
// leaves a [study.Finding] in a file; prose is made of it where a student reads it.
package grade

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"example.com/dtx/course/study"
	"example.com/dtx/internal/program"
	"example.com/dtx/lab"
	"example.com/dtx/lab/sim"
)

// Step is one thing that a student's program must do.
type Step struct {
	Name string // a sentence
	Hint string // a question; it is shown when the step fails
	Try  func(t *T)
}

// Main is an exercise's TestMain.
func Main(m *testing.M) {
	if os.Getenv(stepVariable) == "" {
		sim.Main(m, lab.Chapter{}) // it does not return
	}
	runtime.GOMAXPROCS(1) // two threads would wait for each other at SQLite's locks
	j := &journal{}
	slog.SetDefault(slog.New(j))
	code := m.Run()
	var err error
	if code == 0 && j.passed > 0 {
		err = sealed.Pass(j.passed)
		j.finding.Passed = err == nil
	}
	if err = errors.Join(err, leave(j.finding)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// Steps grades an exercise. If it is neither begun nor changed, and the environment
// does not ask for a strict grade, the test is skipped.
func Steps(t *testing.T, steps ...Step) {
	t.Helper()
	e, err := study.At(".")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := strconv.Atoi(os.Getenv(stepVariable)); err == nil {
		try(t, e, n, steps[n-1])
		return
	}
	g := &grader{Exercise: e}
	if place := g.notStarted(t); place != "" {
		t.Skipf("NOT STARTED: %s (go run . start %d)", place, e.Chapter)
	}
	for i, step := range steps {
		name := fmt.Sprintf("%d %s", i+1, step.Name)
		t.Run(name, func(t *testing.T) { g.judge(t, i+1, step) })
	}
	if !t.Failed() {
		n := len(steps)
		fmt.Fprintf(t.Output(), "%d of %d. Now compare: go run . solution %d\n", n, n, e.Chapter)
	}
}

// judge grades a step if those before it pass: it stands on them. A strict grade,
// as for a class, grades every step.
func (g *grader) judge(t *testing.T, n int, step Step) {
	t.Helper()
	if g.failed == 0 {
		g.grade(t, n, step)
		return
	}
	if os.Getenv(study.GradeVariable) == "" {
		why := fmt.Sprintf("not judged before step %d passes", g.failed)
		study.Finding{Said: why}.Attach(t.Attr)
		t.Skip(why)
	}
	g.grade(t, n, step)
	if !t.Failed() {
		const why = "it does not use what fails there"
		fmt.Fprintf(t.Output(), "\npasses by itself, although step %d fails: %s\n\n", g.failed, why)
	}
}

// grader grades the steps of one exercise.
type grader struct {
	study.Exercise
	failed int // the first step that has failed
}

// notStarted returns where a student should start, if nothing is begun yet.
func (g *grader) notStarted(t *testing.T) string {
	t.Helper()
	root, err := program.Root(".")
	if err != nil {
		t.Fatal(err)
	}
	begun, err := g.Begun(root)
	if err != nil {
		t.Fatal(err)
	}
	if begun {
		return ""
	}
	dir, _ := g.Program()
	places, err := g.NotWritten(dir)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(append(places, g.Folder)[:1], "")
}

// grade has a step tried, and tells what came of it. Only the first failure is
// told at length: what follows from it will go away with it.
func (g *grader) grade(t *testing.T, n int, step Step) {
	t.Helper()
	f := attempt(t, n)
	switch {
	case f.Passed:
		if f.Said != "" {
			fmt.Fprintf(t.Output(), "\n%s\n\n", unframed(f.Said))
		}
		return
	case g.failed == 0:
		g.failed, f.Hint = n, step.Hint
	default:
		if f.Said, _, _ = strings.Cut(f.Said, "\n"); len(f.Found) > 0 || f.Cut != "" {
			f.Said = ""
		}
		f.Done, f.Logged, f.Sketch, f.Drawn = "", "", "", ""
		f.Found = f.Found[:min(1, len(f.Found))]
		f.More = fmt.Sprintf("go test -run '/%d' ./%s", n, g.Folder)
	}
	f.Attach(t.Attr)
	fmt.Fprintf(t.Output(), "\n%s\n\n", unframed(f.String()))
	t.Fail()
}
