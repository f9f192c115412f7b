package program_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/program"
)

func TestProgramIsBuiltInACourseWithARelativeName(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.MkdirAll(filepath.Join("course", "ch01"), 0o755))
	for name, text := range map[string]string{
		"go.mod": "module toy\n\ngo 1.26\n", "ch01/main.go": "package main\n\nfunc main() {}\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join("course", name), []byte(text), 0o600))
	}
	dir, remove, err := program.Folder("course")
	require.NoError(t, err)
	file, err := program.Build(t.Context(), "course", dir, "ch01")
	require.NoError(t, err)
	require.FileExists(t, file)
	require.NoError(t, remove())
}

func TestABuildThatEndsEarlyLeavesNothing(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the Go command is a shell script here")
	}
	bin, temporary, dir := t.TempDir(), t.TempDir(), t.TempDir()
	const script = "#!/bin/sh\n: >\"$TMPDIR/left\"; : >\"$GOTMPDIR/too\"; echo stopped; exit 1\n"
	require.NoError(t, os.WriteFile(filepath.Join(bin, "go"), []byte(script), 0o700))
	t.Setenv("PATH", bin)
	t.Setenv("TMPDIR", temporary)
	_, err := program.Build(t.Context(), t.TempDir(), dir, "shop")
	require.ErrorContains(t, err, "stopped")
	for _, folder := range []string{temporary, dir} {
		left, err := os.ReadDir(folder)
		require.NoError(t, err)
		require.Empty(t, left)
	}
}
