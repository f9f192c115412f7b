package study

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"example.com/dtx/internal/machine"
	"example.com/dtx/internal/program"
)

// exitError ends the command with the exit code of a program that it has run, which
// has said by itself why.
type exitError struct{ code int }

func (e exitError) Error() string { return fmt.Sprintf("exit status %d", e.code) }

// first is the course's first damage. The service order asks stock, which takes two
// packets, and payment, which charges ada; it dies when it hears that she has paid.
func first() []string {
	const fault = "crash on reply @ order -> payment: POST /charge order-1 #1"
	return []string{"ch01-overview", "-variant", "services", "-fault", fault}
}

// broken says what breakOrder does.
const broken = `ada orders two packets of tea. Several services take part, each with a database
of its own. When she has paid, the process of one of them is killed, and started again.
`

// breakOrder shows the first damage.
func (s *session) breakOrder(ctx context.Context) error {
	fmt.Fprint(s.stdout, broken)
	if err := s.play(ctx, first()[0], first()[1:]...); err != nil {
		return err
	}
	fmt.Fprintf(s.stdout, "\nWhy, and what helps? Chapter 1, in the browser: %s\n", s.goRun())
	return nil
}

// play builds the program of a chapter and runs it.
func (s *session) play(ctx context.Context, chapter string, args ...string) error {
	const why = "once, SQLite takes a minute or two"
	return s.launch(ctx, why, program.BuildChapter, chapter, args...)
}

// builder is one of the functions of package program.
type builder func(ctx context.Context, root, dir, name string) (string, error)

// launch builds a program, says that it does, and runs it.
func (s *session) launch(
	ctx context.Context, why string, build builder, name string, args ...string,
) (err error) {
	dir, remove, err := program.Folder(s.root)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	stop := program.Progress(s.stderr, fmt.Sprintf("building %s; %s", name, why))
	file, err := build(ctx, s.root, dir, name)
	stop()
	if err != nil {
		return err
	}
	run := program.Run(ctx, file, args...)
	run.Stdout, run.Stderr = s.stdout, s.stderr
	if name == page {
		run.Stdin, run.Env = nil, append(os.Environ(), ParentVariable+"=1")
		held, err := run.StdinPipe()
		if err != nil {
			return err
		}
		defer held.Close()
	}
	return exited(run.Run())
}

// exited turns the failure of a program that has said why it failed into its
// exit code.
func exited(err error) error {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() > 0 {
		return exitError{exit.ExitCode()}
	}
	return err
}

// chapter finds the folder of a chapter that is named by its number, its name or
// its folder.
func (s *session) chapter(word string) (folder string, found bool) {
	word = strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(word), "./"), "/")
	pattern := filepath.Join(s.root, "ch[0-9][0-9]-*", "main.go")
	folders, _ := filepath.Glob(pattern) // it is a good one
	for _, main := range folders {
		folder = filepath.Base(filepath.Dir(main))
		number, name, _ := strings.Cut(strings.TrimPrefix(folder, "ch"), "-")
		n, err := strconv.Atoi(number)
		if word == folder || word == name || err == nil && word == strconv.Itoa(n) {
			return folder, true
		}
	}
	return "", false
}

// testCourse runs all tests of the course, or of an exercise, or what go test is to
// run.
func (s *session) testCourse(ctx context.Context, args []string) error {
	if _, err := machine.FindCompiler(ctx); err != nil {
		return err
	}
	if len(args) == 0 {
		args = []string{"./..."}
	} else if e, err := s.named(args[0]); err == nil {
		args = append([]string{"./" + e.Folder}, args[1:]...)
	}
	out, stop := program.Watch(s.stdout, s.stderr, "building and running the tests")
	defer stop()
	test := goTest(ctx, s.root, args...)
	test.Stdout, test.Stderr = out, out
	return exited(test.Run())
}
