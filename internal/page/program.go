package page

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// patience is how long a program that is told to end may take; then it is killed.
const patience = 10 * time.Second

// withProgram builds a chapter, tells the page how that goes, and uses the
// program. When it returns, the program is gone.
func (s *Site) withProgram(ctx context.Context, j *job, chapter string, use func(program string) error) (err error) {
	dir, err := os.MkdirTemp("", "dtx")
	if err != nil {
		return fmt.Errorf("make a directory for a program: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	program := filepath.Join(dir, chapter)
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	if err := s.build(ctx, j, dir, program, chapter); err != nil {
		return err
	}
	return use(program)
}

// build runs go build.
func (s *Site) build(ctx context.Context, j *job, dir, program, chapter string) error {
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "./"+chapter)
	build.Dir, build.Env = s.root.Name(), append(os.Environ(), "GOTMPDIR="+dir)
	build.Cancel = func() error { return build.Process.Signal(os.Interrupt) }
	build.WaitDelay = patience
	var said []byte
	err := j.during("building", func() (err error) {
		said, err = build.CombinedOutput()
		return err
	})
	if err != nil {
		return fmt.Errorf("%s does not build: %w\n\n%s", chapter, err, said)
	}
	return nil
}

// during does some work, and once a second tells the page for how long.
func (j *job) during(name string, work func() error) error {
	done := make(chan error, 1)
	go func() { done <- work() }()
	began, ticker := time.Now(), time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		full := j.add(name, int(time.Since(began).Seconds()))
		select {
		case err := <-done:
			return errors.Join(err, full)
		case <-ticker.C:
		}
	}
}

// execute runs a program until it ends, or ctx does: then its input is closed,
// which a live chapter takes as the end; any other is interrupted. Should this
// process be killed, its pipes close.
func (s *Site) execute(ctx context.Context, program string, args []string, stderr io.Writer, talk func(in io.Writer, out io.Reader) error) error {
	run := exec.CommandContext(ctx, program, args...)
	run.Dir = s.root.Name()
	in, err := run.StdinPipe()
	if err != nil {
		return fmt.Errorf("start %s: %w", program, err)
	}
	out, err := run.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start %s: %w", program, err)
	}
	last := &tail{}
	run.Stderr, run.WaitDelay = io.MultiWriter(last, stderr), patience
	run.Cancel = in.Close
	if !slices.Contains(args, "-live") {
		run.Cancel = func() error { return run.Process.Signal(os.Interrupt) }
	}
	if err := run.Start(); err != nil {
		return fmt.Errorf("start %s: %w", program, err)
	}
	talked := talk(in, out)
	_ = in.Close()                  // it ends, if it has not
	_, _ = io.Copy(io.Discard, out) // what it still has to say is not for us
	if err := run.Wait(); err != nil && talked == nil && ctx.Err() == nil {
		return fmt.Errorf("%s %s has ended: %w\n\n%s", filepath.Base(program), strings.Join(args, " "), err, last)
	}
	return talked
}

// tail keeps the end of what a program says about itself.
type tail struct{ text []byte }

// maxTail bounds it; in bytes.
const maxTail = 8 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	if over := len(t.text) - maxTail; over > 0 {
		t.text = append([]byte(nil), t.text[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string { return string(t.text) }
