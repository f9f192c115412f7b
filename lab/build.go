package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"example.com/dtx/internal/program"
)

// Build makes the program of a chapter, so that one chapter can be measured
// beside another and imports none of it. Remove deletes the program.
func Build(ctx context.Context, chapter string) (file string, remove func() error, err error) {
	root, err := program.Root(".")
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp(disk(), "dtx")
	if err != nil {
		return "", nil, fmt.Errorf("make a directory for a program: %w", err)
	}
	remove = func() error { return os.RemoveAll(dir) }
	file = filepath.Join(dir, chapter)
	if runtime.GOOS == "windows" {
		file += ".exe"
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", file, "./"+chapter)
	build.Dir, build.Env = root, goEnvironment(dir)
	if said, err := build.CombinedOutput(); err != nil {
		return "", nil, errors.Join(fmt.Errorf("build %s: %w\n%s", chapter, err, said), remove())
	}
	return file, remove, nil
}

// programOr is the program of that path, or this one.
func programOr(path string) (string, error) {
	if path != "" {
		return path, nil
	}
	exe, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program: %w", err)
	}
	return exe, nil
}
