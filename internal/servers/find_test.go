//go:build unix

package servers_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/servers"
	"example.com/dtx/internal/servers/serverstest"
)

func TestNotInstalledSaysWhatToInstall(t *testing.T) {
	t.Setenv("PATH", "")
	for name, start := range servers.Nowhere() {
		_, err := start(t.Context())
		require.ErrorIs(t, err, servers.ErrNotInstalled)
		for _, word := range []string{name, "Debian: apt install ", "Fedora: dnf install ", "macOS: brew install ", "DTX_"} {
			require.ErrorContains(t, err, word)
		}
	}
}

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
	require.Equal(t, filepath.Join(root, "pg-17", "bin", "initdb"), servers.Find("initdb", []string{filepath.Join(root, "pg-*", "bin")}))
	require.Empty(t, servers.Find("postgres", []string{filepath.Join(root, "pg-*", "bin")}))
}

func TestServerThatIsRunningAlready(t *testing.T) {
	running := serverstest.Start(t, servers.MariaDB)
	t.Setenv("DTX_MARIADB", running.DSN)
	guest, err := servers.MariaDB(t.Context())
	require.NoError(t, err)
	require.NoError(t, ping(t, guest))
	require.ErrorIs(t, guest.Kill(), servers.ErrNotOurs)
	require.ErrorIs(t, guest.Start(t.Context()), servers.ErrNotOurs)
	require.NoError(t, guest.Stop())
	require.NoError(t, ping(t, running), "Stop stops no server that was running already")

	require.NoError(t, running.Kill())
	_, err = servers.MariaDB(t.Context())
	require.ErrorContains(t, err, "DTX_MARIADB")
}
