package machine

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// ErrNoCompiler is wrapped by the errors of [FindCompiler] and [SQLite].
var ErrNoCompiler = errors.New("SQLite needs a C compiler")

// FindCompiler returns the C compiler that Go uses. If Go uses none, its error
// says in one line what to do.
func FindCompiler(ctx context.Context) (string, error) {
	if err := caches(ctx); err != nil {
		return "", err
	}
	out, err := exec.CommandContext(ctx, "go", "env", "CGO_ENABLED", "CC").Output()
	if err != nil {
		return "", goFailed(err)
	}
	enabled, compiler, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	words := strings.Fields(compiler)
	if len(words) == 0 || Find(words[0], nil) == "" {
		return "", noCompiler()
	}
	if enabled != "1" {
		return "", fmt.Errorf("%w, and Go may not use yours: set CGO_ENABLED=1", ErrNoCompiler)
	}
	return Find(words[0], nil), nil
}

// caches tells whether Go has folders for what it downloads and compiles.
func caches(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, "go", "env", "GOCACHE", "GOMODCACHE").Output()
	if err != nil {
		return goFailed(err)
	}
	folders := strings.Split(string(out), "\n")
	if folders[0] == "off" || folders[0] == "" || len(folders) < 2 || folders[1] == "" {
		return errors.New("there is no folder for what Go compiles: set HOME")
	}
	return nil
}

// SQLite tells a program whether it was built with SQLite. If not, its error says
// in one line what to do.
func SQLite() error {
	switch {
	case hasC:
		return nil
	case Compiler().Find() == "":
		return noCompiler()
	}
	return fmt.Errorf("%w, and this program was built without: set CGO_ENABLED=1", ErrNoCompiler)
}

func noCompiler() error { return fmt.Errorf("%w: %s", ErrNoCompiler, Compiler().HowTo(Here())) }

// goFailed says in one line why the go command did not answer.
func goFailed(err error) error {
	if errors.Is(err, exec.ErrNotFound) {
		return errors.New("the go command is not in PATH: install it from https://go.dev/dl/")
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && len(exit.Stderr) > 0 {
		line := strings.Join(strings.Fields(string(exit.Stderr)), " ")
		return fmt.Errorf("the go command does not work here: %s", line)
	}
	return fmt.Errorf("the go command does not work here: %w", err)
}
