package machine

import (
	"net"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAPortIsTakenAsLongAsSomethingListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, number, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	require.Equal(t, Absent, port(number).State)
	require.NoError(t, listener.Close())
	require.Equal(t, Found, port(number).State)
}

func TestABrowserNeedsADesktop(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("there is always a desktop")
	}
	t.Setenv("PATH", "")
	t.Setenv("WAYLAND_DISPLAY", "")
	for display, want := range map[string]string{
		"":   "no desktop here: use the terminal",
		":0": "xdg-open is not here: open the page yourself",
	} {
		t.Setenv("DISPLAY", display)
		require.Equal(t, Check{"browser", Absent, want}, browser())
	}
}

func TestSQLiteIsNotCompiledInAnEmptyCache(t *testing.T) {
	t.Setenv("GOCACHE", t.TempDir())
	require.Contains(t, built(t.Context(), ".").Says, "not compiled yet")
}
