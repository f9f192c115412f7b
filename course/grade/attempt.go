package grade

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/dtx/course/stub"
	"example.com/dtx/lab"
)

const (
	notWritten = stub.Prefix
	longest    = 3 * time.Minute // of one step; what makes no progress is cut long before
	maxSaid    = 1 << 16         // bytes of a step's output: the last
)

// attempt tries a step in a process of its own, and returns what it printed.
func attempt(t *testing.T, n int) (string, error) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), longest)
	defer cancel()
	top, _, _ := strings.Cut(t.Name(), "/")
	cmd := exec.CommandContext(ctx, exe,
		"-test.run=^"+top+"$", "-test.count=1", "-test.timeout=0", "-test.paniconexit0")
	cmd.Env = append(os.Environ(), stepVariable+"="+strconv.Itoa(n))
	dir := t.TempDir()
	for _, name := range lab.TempVariables() {
		cmd.Env = append(cmd.Env, name+"="+dir)
	}
	cmd.Stdin = sealed.Reader()
	said := &tail{}
	cmd.Stdout, cmd.Stderr = said, said
	cmd.WaitDelay = time.Second
	err = cmd.Run()
	if ctx.Err() != nil {
		return "cut      your program did not come to an end", err
	}
	return clean(string(said.text)), err
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

// noise matches the lines that the testing package adds.
var noise = regexp.MustCompile(`(?m)^\s*(=== .*|--- FAIL: .*|FAIL|PASS|exit status \d+|ok .*)\n`)

// clean returns what a step has said itself.
func clean(said string) string {
	said = noise.ReplaceAllString(said, "")
	return strings.Trim(strings.ReplaceAll("\n"+said, "\n    ", "\n"), "\n")
}
