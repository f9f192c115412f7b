package grade

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/dtx/course/study"
	"example.com/dtx/lab"
)

const (
	longest = 3 * time.Minute // of one step; what makes no progress is cut long before
	maxSaid = 1 << 16         // bytes of a step's output: the last
)

// The environment of a process that tries one step.
const (
	stepVariable    = "COURSE_STEP"    // its number
	findingVariable = "COURSE_FINDING" // the file that gets the finding
)

// attempt tries a step in a process of its own, and returns what that has found.
func attempt(t *testing.T, n int) (f study.Finding) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), longest)
	defer cancel()
	top, _, _ := strings.Cut(t.Name(), "/")
	cmd := exec.CommandContext(ctx, exe, "-test.run=^"+top+"$", "-test.v=test2json",
		"-test.count=1", "-test.timeout=0", "-test.paniconexit0")
	file, dir := filepath.Join(t.TempDir(), "finding.json"), t.TempDir()
	cmd.Env = append(os.Environ(), stepVariable+"="+strconv.Itoa(n), findingVariable+"="+file)
	for _, name := range lab.TempVariables() {
		cmd.Env = append(cmd.Env, name+"="+dir)
	}
	cmd.Stdin = sealed.Reader()
	said := &tail{}
	cmd.Stdout, cmd.Stderr = said, said
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // how it ended, the finding says, or its state
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &f)
	}
	if ctx.Err() != nil && (err != nil || f.Passed) {
		return study.Finding{Cut: "your program did not come to an end"}
	}
	if err != nil || f.Passed && !cmd.ProcessState.Success() {
		return died(string(said.text), cmd.ProcessState)
	}
	f.Said = clean(said.text)
	return f
}

// leave writes what this process has found to the file that the grader reads. What is
// printed is no finding: the student's code prints, too.
func leave(f study.Finding) error {
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return os.WriteFile(os.Getenv(findingVariable), text, 0o600)
}

// tail keeps the end of what is written to it: a program in an endless loop may
// print for ever.
type tail struct{ text []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	if len(t.text) > 2*maxSaid {
		t.text = append(t.text[:0], t.text[len(t.text)-maxSaid:]...)
	}
	return len(p), nil
}

// framing matches what the testing package adds: -test.v=test2json marks it.
var framing = regexp.MustCompile("\x16[^\n]*\n?")

// clean returns what a step has said itself.
func clean(said []byte) string {
	text := "\n" + framing.ReplaceAllString(string(said), "")
	return strings.Trim(strings.ReplaceAll(text, "\n    ", "\n"), "\n")
}

// unframed returns text in which go test sees no frame of its own.
func unframed(text string) string { return strings.ReplaceAll(text, "\x16", "") }

// died returns the finding of a process that has left none. Why it ended, only the Go
// runtime has said, and only as text: so this is the one place that reads a panic or a
// fatal error, such as a deadlock or a map written by two goroutines, out of it. It reads
// what go test has framed, too: before a panic, that ends a line of the program's.
func died(said string, state *os.ProcessState) study.Finding {
	_, panicked, found := strings.Cut("\n"+said, "\npanic: ")
	if !found {
		_, panicked, found = strings.Cut("\n"+said, "\nfatal error: ")
	}
	if !found {
		why := "your program ended early: " + state.String()
		return study.Finding{Said: clean([]byte(said)), Cut: why}
	}
	what, stack, _ := strings.Cut(panicked, "\n")
	what = strings.TrimSuffix(what, " [recovered, repanicked]") // by go test
	switch {
	case strings.Contains(what, "blocked goroutines remain"):
		what = "a goroutine of your program never ends"
	case strings.Contains(what, "deadlock"):
		what = "your program waits for what never comes (a deadlock)"
	default:
		what = "your program panicked: " + what
	}
	if at := place(stack); at != "" {
		what += ", at " + at
	}
	return study.Finding{Cut: what}
}
