package source

import (
	"context"
	"errors"
	"fmt"
	"os"

	"example.com/dtx/internal/program"
	"example.com/dtx/lab"
)

// Build makes the program of a chapter, so that one chapter can be measured
// beside another and imports none of it. Remove deletes the program.
func Build(ctx context.Context, chapter string) (file string, remove func() error, err error) {
	root, err := program.Root(".")
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp(lab.Disk(), "dtx")
	if err != nil {
		return "", nil, fmt.Errorf("make a directory for a program: %w", err)
	}
	remove = func() error { return os.RemoveAll(dir) }
	if file, err = program.Build(ctx, root, dir, chapter); err != nil {
		return "", nil, errors.Join(err, remove())
	}
	return file, remove, nil
}
