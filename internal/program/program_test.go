package program_test

import (
	"os"
	"path/filepath"
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
