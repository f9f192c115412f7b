package study

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"example.com/dtx/internal/machine"
	"example.com/dtx/internal/program"
)

// Result is what the tests found of an exercise.
type Result struct {
	Exercise string `json:"exercise"`
	Chapter  int    `json:"chapter"`
	State    string `json:"state"` // "not begun", "begun" or "done"
	Steps    []Step `json:"steps,omitempty"`
	Said     string `json:"said,omitempty"` // why there are no steps, e.g. it does not compile
}

// Step is what the tests found of one step.
type Step struct {
	Name   string `json:"name"`
	Passed bool   `json:"passed"`
	Said   string `json:"said,omitempty"` // why it failed, or was not judged
}

// Passed counts the steps that pass.
func (r Result) Passed() (n int) {
	for _, s := range r.Steps {
		if s.Passed {
			n++
		}
	}
	return n
}

// grade runs an exercise's tests, and says that it does.
func (s *session) grade(ctx context.Context, e Exercise) (Result, error) {
	if _, err := machine.FindCompiler(ctx); err != nil {
		return Result{}, err
	}
	defer program.Progress(s.stderr, "testing "+e.Folder)()
	return e.Grade(ctx, s.root)
}

// Grade runs an exercise's tests, if it is begun. If nothing has changed since,
// the answer is Go's, from its cache. Root is the course's folder. When ctx is
// done, the tests end, and all that they have started.
func (e Exercise) Grade(ctx context.Context, root string) (Result, error) {
	r := Result{Exercise: e.Name, Chapter: e.Chapter, State: "not begun"}
	begun, err := e.Begun(root)
	if err != nil || !begun {
		return r, err
	}
	var said bytes.Buffer
	test := goTest(ctx, root, "-json", "./"+e.Folder)
	test.Stdout, test.Stderr = &said, &said
	failed := test.Run()
	if ctx.Err() != nil {
		return r, ctx.Err()
	}
	r.Read(said.Bytes())
	r.State = "begun"
	if failed == nil && len(r.Steps) > 0 {
		r.State = "done"
	}
	if len(r.Steps) == 0 && r.Said == "" {
		return r, fmt.Errorf("test %s: it has said nothing: %w", e.Folder, failed)
	}
	return r, nil
}

// goTest is a go test that ends, with all that it has started, when ctx does. Ctrl-C
// does not reach it by itself: what it says about its end is not for the student.
func goTest(ctx context.Context, root string, args ...string) *exec.Cmd {
	test := exec.CommandContext(ctx, "go", append([]string{"test"}, args...)...)
	test.Dir = root
	test.WaitDelay = 8 * time.Second // then it is killed
	together(test)
	return test
}

// Read takes the steps out of what go test -json prints.
func (r *Result) Read(said []byte) {
	steps, outputs := map[string]int{}, map[string]*strings.Builder{}
	var loose strings.Builder
	for lines := bufio.NewReader(bytes.NewReader(said)); ; {
		line, err := lines.ReadBytes('\n')
		var event struct{ Action, Test, Output string }
		if json.Unmarshal(line, &event) != nil {
			loose.Write(line)
		}
		_, name, isStep := strings.Cut(event.Test, "/")
		// own tells whether a line is go test's, and not the step's.
		own := strings.Contains(event.Output, "--- ") || strings.HasPrefix(event.Output, "=== ")
		switch {
		case event.Action == "run" && isStep:
			steps[name], outputs[name] = len(r.Steps), &strings.Builder{}
			r.Steps = append(r.Steps, Step{Name: strings.ReplaceAll(name, "_", " ")})
		case event.Action == "pass" && isStep:
			r.Steps[steps[name]].Passed = true
		case event.Action == "output" && isStep && !own:
			outputs[name].WriteString(strings.TrimPrefix(event.Output, "    "))
		case event.Action == "output" || event.Action == "build-output":
			loose.WriteString(event.Output)
		}
		if err == io.EOF {
			break
		}
	}
	for name, i := range steps {
		if !r.Steps[i].Passed {
			r.Steps[i].Said = strings.TrimSpace(outputs[name].String())
		}
	}
	if len(r.Steps) == 0 {
		r.Said = strings.TrimSpace(loose.String())
	}
}
