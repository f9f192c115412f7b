package study

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
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
	Name    string  `json:"name"`
	Passed  bool    `json:"passed"`
	Skipped bool    `json:"skipped,omitempty"` // not judged: an earlier step fails
	Said    string  `json:"said,omitempty"`    // why it failed, or was not judged
	Picture string  `json:"picture,omitempty"` // the name of its drawing, for a page
	Finding Finding `json:"-"`                 // what Said is made of
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
	test.Env = append(os.Environ(), FindingsVariable+"=1")
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
	steps := map[string]int{}
	findings, outputs := map[string]string{}, map[string][]byte{} // by test
	var loose strings.Builder
	for line := range bytes.Lines(said) {
		var event struct{ Action, Test, Output, Key, Value string }
		if json.Unmarshal(line, &event) != nil {
			loose.Write(line)
		}
		_, name, isStep := strings.Cut(event.Test, "/")
		step, known := steps[name] // what a program has printed may name others
		switch {
		case event.Action == "run" && isStep:
			steps[name] = len(r.Steps)
			r.Steps = append(r.Steps, Step{Name: strings.ReplaceAll(name, "_", " ")})
		case event.Action == "pass" && known:
			r.Steps[step].Passed = true
		case event.Action == "skip" && known:
			r.Steps[step].Skipped = true
		case event.Action == "attr" && event.Key == findingKey:
			findings[name] += event.Value
		case event.Action == "output" && isStep:
			outputs[name] = append(outputs[name], event.Output...)
		case event.Action == "output" || event.Action == "build-output":
			loose.WriteString(event.Output)
		}
	}
	for name, i := range steps {
		if s := &r.Steps[i]; !s.Passed {
			text, err := base64.StdEncoding.DecodeString(findings[name])
			if err != nil || json.Unmarshal(text, &s.Finding) != nil { // its grader has died
				s.Finding.Said = string(bytes.TrimSpace(outputs[name]))
			}
			s.Said = s.Finding.String()
		}
	}
	if len(r.Steps) == 0 {
		r.Said = strings.TrimSpace(loose.String())
	}
}
