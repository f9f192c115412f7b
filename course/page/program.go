package page

import (
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

	"example.com/dtx/internal/program"
)

// patience is how long a program that is told to end may take; then it is killed.
const patience = 10 * time.Second

// withProgram builds a chapter, tells the page how that goes, and uses the
// program.
func (s *Site) withProgram(
	ctx context.Context, j *job, chapter string, use func(program string) error,
) (err error) {
	dir, remove, err := program.Folder(s.root.Name())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	var file string
	err = j.during("building", func() (err error) {
		file, err = s.build(ctx, dir, chapter)
		return err
	})
	if err != nil {
		return err
	}
	return use(file)
}

// build builds a chapter when no other is being built: at once, each would compile
// SQLite.
func (s *Site) build(ctx context.Context, dir, chapter string) (string, error) {
	select {
	case s.building <- struct{}{}:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	defer func() { <-s.building }()
	return program.BuildChapter(ctx, s.root.Name(), dir, chapter)
}

// buildFirst builds the first chapter that can be run, while the reader reads. What
// fails then is said when the reader wants to run it.
func (s *Site) buildFirst(ctx context.Context) {
	chapters, err := s.chapters("en")
	first := slices.IndexFunc(chapters, func(c chapter) bool { return c.Live })
	dir, remove, folderErr := program.Folder(s.root.Name())
	if err != nil || first < 0 || folderErr != nil {
		return
	}
	_, _ = s.build(ctx, dir, chapters[first].Folder)
	_ = remove()
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
func (s *Site) execute(
	ctx context.Context, program string, args []string, stderr io.Writer,
	talk func(in io.Writer, out io.Reader) error,
) error {
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
		command := filepath.Base(program) + " " + strings.Join(args, " ")
		return fmt.Errorf("%s has ended: %w\n\n%s", command, err, last)
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
