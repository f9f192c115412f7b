// Package serverstest gives a test a database server.
package serverstest

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/servers"
)

// Start starts a server for a test and its subtests, and stops it after them:
//
//	pg := serverstest.Start(t, servers.Postgres)
//
// Where the server is not installed it skips the test, which then says what to
// install; under CI it fails.
func Start(t testing.TB, start func(context.Context) (*servers.Server, error)) *servers.Server {
	t.Helper()
	s, err := start(t.Context())
	if errors.Is(err, servers.ErrNotInstalled) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Stop()) })
	return s
}
