package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// build makes a step's program from the code with all mutants. An error has what the
// compiler said.
func (t *step) build(ctx context.Context, overlay string) error {
	args := []string{"test", "-c", "-vet=off", "-ldflags=-w", "-o", t.program}
	args = append(args, "-overlay="+overlay, t.pkg)
	said, err := exec.CommandContext(ctx, "go", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("go test: %w\n%s", err, said)
	}
	return nil
}

// errTime is returned for a program that was stopped when its time was up.
var errTime = errors.New("the time is up")

// unchanged is the id of the program as it is.
const unchanged = ""

// play runs a step's program as a mutant until its first failure, and returns the name of
// the test that failed; empty is none.
func (t *step) play(ctx context.Context, id string, limit time.Duration) (string, error) {
	limited, cancel := context.WithTimeoutCause(ctx, limit, errTime)
	defer cancel()
	flags := append([]string{"-test.v", "-test.failfast", "-test.timeout=0"}, t.flags...)
	test := exec.CommandContext(limited, t.program, flags...)
	test.Dir = filepath.FromSlash(strings.TrimPrefix(t.pkg, module()+"/"))
	test.Env = append(slices.Concat(os.Environ(), t.environ), variable+"="+id)
	test.Cancel = func() error { return test.Process.Signal(os.Interrupt) } // it cleans up
	test.WaitDelay = 5 * time.Second                                        // then it is killed
	out, in := io.Pipe()
	test.Stdout, test.Stderr = in, in
	told := make(chan string, 1)
	go func() { told <- firstFailure(out, cancel) }()
	err := test.Run()
	in.Close()
	failed := <-told
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.Is(context.Cause(limited), errTime):
		return "", errTime
	case err == nil:
		return "", nil
	}
	return failed, nil
}

// firstFailure returns the name of the first test that fails, and calls stop then. If
// no test fails, it returns how the program ended.
func firstFailure(out io.Reader, stop func()) string {
	failed, words := "", bufio.NewReader(out)
	for {
		line, err := words.ReadString('\n')
		name, isFailure := strings.CutPrefix(strings.TrimSpace(line), "--- FAIL: ")
		switch {
		case failed == "" && isFailure:
			failed, _, _ = strings.Cut(name, " (")
			stop()
		case failed == "" && strings.HasPrefix(line, "panic: "):
			failed = strings.TrimSpace(line)
		}
		if err != nil {
			return cmp.Or(failed, "without a word")
		}
	}
}
