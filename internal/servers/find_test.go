//go:build unix

package servers_test

import (
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
		for _, word := range []string{
			name, "Debian: apt install ", "Fedora: dnf install ", "macOS: brew install ", "DTX_",
		} {
			require.ErrorContains(t, err, word)
		}
	}
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
