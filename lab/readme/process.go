package readme

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"sync"
	"time"
)

// output is what a command has written so far.
type output struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{} // a channel with room for one word
}

// Write takes standard output and standard error, as a terminal does.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.changed <- struct{}{}:
	default:
	}
	return o.text.Write(p)
}

func (o *output) lines() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.DeleteFunc(textLines(o.text.String()), signOfLife.MatchString)
}

// signOfLife is a line that a slow machine sees, and that a terminal takes back.
var signOfLife = regexp.MustCompile(`^… \d+ s \(.*\)$`)

// process is a running command.
type process struct {
	command
	out    *output
	cancel context.CancelFunc
	done   chan struct{}
	err    error // valid after done
}

// launch runs a command until it ends or ctx does.
type launch func(ctx context.Context, out *output) error

func start(ctx context.Context, c command, run launch) *process {
	ctx, cancel := context.WithCancel(ctx)
	p := &process{
		command: c, out: &output{changed: make(chan struct{}, 1)},
		cancel: cancel, done: make(chan struct{}),
	}
	go func() {
		defer close(p.done)
		defer cancel()
		p.err = run(ctx, p.out)
	}()
	return p
}

// ended waits for the end. It returns false if that takes too long.
func (p *process) ended(wait time.Duration) bool {
	late := time.NewTimer(wait)
	defer late.Stop()
	select {
	case <-p.done:
		return true
	case <-late.C:
		return false
	}
}

// until waits until the output is as it should be, or the command ends, or that
// takes too long.
func (p *process) until(ok func(lines []string) bool, wait time.Duration) {
	late := time.NewTimer(wait)
	defer late.Stop()
	for {
		select {
		case <-p.out.changed:
			if ok(p.out.lines()) {
				return
			}
		case <-p.done:
			return
		case <-late.C:
			return
		}
	}
}

// goRun runs a Go program in this process, and shows its error as go run does.
func goRun(run Program, args []string) launch {
	return func(ctx context.Context, out *output) error {
		err := run(ctx, args, out, out)
		var coded interface{ ExitCode() int }
		var exit *exec.ExitError
		switch {
		case err == nil, errors.Is(err, flag.ErrHelp):
			return nil
		case errors.As(err, &exit): // it has said the rest itself
		default:
			fmt.Fprintln(out, err)
		}
		code := 1
		if errors.As(err, &coded) {
			code = coded.ExitCode()
		}
		fmt.Fprintf(out, "exit status %d\n", code)
		return nil
	}
}

// serve runs a Go program that should end without an error when ctx does.
func serve(run Program, args []string) launch {
	return func(ctx context.Context, out *output) error { return run(ctx, args, out, out) }
}

// execute runs any other program in a folder. One that fails must say so, else
// the transcript would hide it.
func execute(dir string, words []string) launch {
	return func(ctx context.Context, out *output) error {
		c := exec.CommandContext(ctx, words[0], words[1:]...)
		c.Dir, c.Stdout, c.Stderr = dir, out, out
		c.Env = append(os.Environ(), "no_proxy=*", "PYTHONUTF8=1")
		c.WaitDelay = time.Second
		err := c.Run()
		var exit *exec.ExitError
		if errors.As(err, &exit) && len(out.lines()) > 0 {
			return nil
		}
		return err
	}
}
