//go:build unix

package machine_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/machine"
)

func TestFindPrefersTheHighestVersion(t *testing.T) {
	t.Setenv("PATH", "")
	root := t.TempDir()
	for _, version := range []string{"9.6", "17", "15", "18"} {
		bin := filepath.Join(root, "pg-"+version, "bin")
		require.NoError(t, os.MkdirAll(bin, 0o755))
		mode := os.FileMode(0o755)
		if version == "18" {
			mode = 0o644 // it cannot be executed
		}
		require.NoError(t, os.WriteFile(filepath.Join(bin, "initdb"), nil, mode))
	}
	places := []string{filepath.Join(root, "pg-*", "bin")}
	require.Equal(t, filepath.Join(root, "pg-17", "bin", "initdb"), machine.Find("initdb", places))
	require.Empty(t, machine.Find("postgres", places))
}
