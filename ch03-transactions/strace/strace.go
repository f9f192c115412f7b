// Package strace runs this program again as a process of its own under strace,
// which writes down its system calls, or kills it at one of them
// (https://strace.io). It is the way to see what reaches a disk, and when.
package strace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// ErrMissing is returned when strace is not here, or may not trace.
var ErrMissing = errors.New("strace, which runs on Linux only, is needed " +
	"(apt install strace, dnf install strace)")

// traced is set for a program that runs under strace.
const traced = "STRACE_TRACED"

// init keeps the main goroutine on the first thread, which it may leave once the
// init functions have run: the calls of each thread are counted by themselves.
func init() {
	if os.Getenv(traced) != "" {
		runtime.LockOSThread()
	}
}

// longest bounds one run.
const longest = 20 * time.Second

// Run is a run of this program.
type Run struct {
	Env   []string  // what it gets besides this process's own environment
	Stdin io.Reader // nil for nothing
	Trace string    // the system calls to write down: "fsync,fdatasync"
	Kill  string    // the system call that it does not survive; "" for none
	When  int       // number of that call, counted in each thread from 1
}

// Call is a system call that was begun.
type Call struct {
	// Thread is its number. When a program is killed, strace may note its last call
	// for another thread, too.
	Thread string
	Name   string
	Args   string // what strace writes, a file descriptor with its path: 3</shop/stock.db>
}

// Self runs this program under strace, to its end. Killed tells whether it was
// killed, which happens before the call that it did not survive has any effect.
// Its main goroutine stays on the first thread.
// The trace passes through a file in dir.
func Self(ctx context.Context, dir string, r Run) (calls []Call, killed bool, err error) {
	tool, err := exec.LookPath("strace")
	if err != nil {
		return nil, false, ErrMissing
	}
	self, err := os.Executable()
	if err != nil {
		return nil, false, fmt.Errorf("strace: %w", err)
	}
	file := filepath.Join(dir, "trace")
	defer func() { _ = os.Remove(file) }() // an error means that it was never made
	args := []string{"-I", "2", "-f", "-q", "-y", "-s", "64", "-o", file, "-e", "trace=" + r.Trace}
	if r.Kill != "" {
		args = append(args, "-e", fmt.Sprintf("inject=%s:signal=SIGKILL:when=%d", r.Kill, r.When))
	}
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	cmd := exec.CommandContext(ctx, tool, append(args, self)...)
	cmd.Env, cmd.Stdin = append(os.Environ(), append(r.Env, traced+"=1")...), r.Stdin
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	together(cmd)
	cmd.WaitDelay = time.Second
	failed := cmd.Run()
	content, err := os.ReadFile(file)
	if ctx.Err() != nil {
		return nil, false, fmt.Errorf("strace: %w", ctx.Err())
	}
	said := strings.TrimSpace(stderr.String())
	if strings.Contains(strings.ToLower(said), "ptrace") {
		return nil, false, fmt.Errorf("%w, and permitted to trace: %s", ErrMissing, said)
	}
	killed = bytes.Contains(content, []byte("+++ killed by SIGKILL +++"))
	if err != nil || failed != nil && !killed {
		return nil, false, fmt.Errorf("strace: %w: %s", errors.Join(failed, err), said)
	}
	return parse(string(content)), killed, nil
}

// parse reads a trace. The second half of a call that was interrupted says
// nothing new.
func parse(trace string) (calls []Call) {
	begun := regexp.MustCompile(`(?m)^(\d+) +(\w+)\((.*)$`)
	for _, m := range begun.FindAllStringSubmatch(trace, -1) {
		calls = append(calls, Call{Thread: m[1], Name: m[2], Args: m[3]})
	}
	return calls
}

// Says tells whether the call prints this line: a way for the program to mark
// in its trace how far it is.
func (c Call) Says(line string) bool {
	return c.Name == "write" &&
		strings.HasPrefix(c.Args, "1<") && strings.Contains(c.Args, `"`+line+`\n"`)
}

// File is the name of the file that the call is about, "" if there is none.
func (c Call) File() string {
	m := regexp.MustCompile(`^\d+<([^>]*)>|"([^"]*)"`).FindStringSubmatch(c.Args)
	if m == nil {
		return ""
	}
	return filepath.Base(m[1] + m[2])
}
