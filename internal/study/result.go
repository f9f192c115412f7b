package study

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Result is what the tests found of an exercise.
type Result struct {
	Exercise string `json:"exercise"`
	Chapter  int    `json:"chapter"`
	State    string `json:"state"` // "not begun", "begun" or "done"
	Steps    []Step `json:"steps,omitempty"`
	Said     string `json:"said,omitempty"` // why there are no steps: it does not compile, for instance
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
	defer progress(s.stderr, "testing "+e.Folder)()
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
	test := goTest(ctx, root, e, "-json")
	test.Stdout, test.Stderr = &said, &said
	together(test)
	failed := test.Run()
	if ctx.Err() != nil {
		return r, ctx.Err()
	}
	r.read(said.Bytes())
	r.State = "begun"
	if failed == nil && len(r.Steps) > 0 {
		r.State = "done"
	}
	if len(r.Steps) == 0 && r.Said == "" {
		return r, fmt.Errorf("test %s: it has said nothing: %w", e.Folder, failed)
	}
	return r, nil
}

// goTest is a command that runs an exercise's tests, to be stopped by Ctrl-C.
func goTest(ctx context.Context, root string, e Exercise, flags ...string) *exec.Cmd {
	test := exec.CommandContext(ctx, "go", append(append([]string{"test"}, flags...), "./"+e.Folder)...)
	test.Dir = root
	test.Cancel = func() error { return test.Process.Signal(os.Interrupt) }
	test.WaitDelay = 8 * time.Second // then it is killed
	return test
}

// read takes the steps out of what go test -json prints.
func (r *Result) read(said []byte) {
	steps, outputs := map[string]int{}, map[string]*strings.Builder{}
	var loose strings.Builder
	for lines := bufio.NewReader(bytes.NewReader(said)); ; {
		line, err := lines.ReadBytes('\n')
		var event struct{ Action, Test, Output string }
		if json.Unmarshal(line, &event) != nil {
			loose.Write(line)
		}
		_, name, isStep := strings.Cut(event.Test, "/")
		switch {
		case event.Action == "run" && isStep:
			steps[name], outputs[name] = len(r.Steps), &strings.Builder{}
			r.Steps = append(r.Steps, Step{Name: strings.ReplaceAll(name, "_", " ")})
		case event.Action == "pass" && isStep:
			r.Steps[steps[name]].Passed = true
		case event.Action == "output" && isStep && !strings.Contains(event.Output, "--- ") && !strings.HasPrefix(event.Output, "=== "):
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

// progress says every two seconds that something is still going on.
func progress(w io.Writer, what string) (stop func()) {
	began, ticker, done := time.Now(), time.NewTicker(2*time.Second), make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-ticker.C:
				fmt.Fprintf(w, "… %.0f s (%s)\n", time.Since(began).Seconds(), what)
			case <-done:
				return
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(done)
		<-ended
	}
}
