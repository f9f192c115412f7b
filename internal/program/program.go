// Package program finds the course's folder, builds the programs of the course and runs
// them. The first build of a chapter takes a minute: SQLite is compiled then.
package program

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"time"

	"example.com/dtx/internal/machine"
)

// patience is how long a program may take to end when it is told to; then it is
// killed.
const patience = 10 * time.Second

// Folder returns the folder for the programs of the course in root: one that is
// kept, so that a program that has not changed is not linked again; or, where
// none can be kept, a temporary one. Remove removes that.
func Folder(root string) (dir string, remove func() error, err error) {
	if root, err = filepath.Abs(root); err != nil {
		return "", nil, fmt.Errorf("make a directory for a program: %w", err)
	}
	dir = filepath.Join(root, ".course", "bin")
	replaces := runtime.GOOS != "windows" // a program that runs
	if replaces && os.MkdirAll(dir, 0o755) == nil {
		if scratch, err := os.MkdirTemp(dir, "try"); err == nil {
			return dir, func() error { return nil }, os.Remove(scratch)
		}
	}
	if dir, err = os.MkdirTemp("", "dtx"); err != nil {
		return "", nil, fmt.Errorf("make a directory for a program: %w", err)
	}
	return dir, func() error { return os.RemoveAll(dir) }, nil
}

// BuildChapter is Build for a program that needs SQLite.
func BuildChapter(ctx context.Context, root, dir, chapter string) (string, error) {
	if _, err := machine.FindCompiler(ctx); err != nil {
		return "", err
	}
	return Build(ctx, root, dir, chapter)
}

// Build builds the program of a folder of the course in root, and returns its
// path in dir.
func Build(ctx context.Context, root, dir, name string) (_ string, err error) {
	scratch, err := os.MkdirTemp(dir, "build")
	if err != nil {
		return "", fmt.Errorf("build %s: %w", name, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	file := filepath.Join(dir, path.Base(name))
	if runtime.GOOS == "windows" {
		file += ".exe"
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", file, "./"+name)
	build.Dir, build.Env = root, append(os.Environ(), "GOTMPDIR="+scratch)
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} { // an interrupted linker leaves files
		build.Env = append(build.Env, name+"="+scratch)
	}
	interrupt(build)
	if said, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s does not build: %w\n\n%s", name, err, said)
	}
	return file, nil
}

// Run prepares a program that runs in this terminal until it ends, or ctx does.
func Run(ctx context.Context, file string, args ...string) *exec.Cmd {
	run := exec.CommandContext(ctx, file, args...)
	run.Stdin, run.Stdout, run.Stderr = os.Stdin, os.Stdout, os.Stderr
	interrupt(run)
	return run
}

// interrupt lets a program end in good order when its context ends. On Windows,
// Ctrl-C reaches it without our help, and nothing else can.
func interrupt(cmd *exec.Cmd) {
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = patience
}
