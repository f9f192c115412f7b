//go:build unix

package servers_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/servers"
)

func TestTemporaryDirectoryThatServersCannotUse(t *testing.T) {
	long := filepath.Join(openTemp(t), strings.Repeat("long", 20))
	require.NoError(t, os.Mkdir(long, 0o777))
	require.NoError(t, os.Chmod(long, 0o777))
	for name, temp := range map[string]string{
		"too long for a socket's address":        long,
		"closed to all but root, if we are root": t.TempDir(),
		"missing":                                "/tmp/missing",
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TMPDIR", temp)
			const makes = `pwd >"$TMPDIR/file"`
			path, remove, err := servers.NewDirectory(t.Context(), "sh", "-c", makes)
			require.NoError(t, err)
			content, err := os.ReadFile(filepath.Join(path, "file"))
			require.NoError(t, err)
			require.Equal(t, path+"\n", string(content))
			require.Less(t, len(path), 90)
			require.NoError(t, remove())
			require.NoDirExists(t, path)
		})
	}
}

func TestFilesThatCannotBeMade(t *testing.T) {
	bin, temp := openTemp(t), openTemp(t)
	fake(t, bin, "initdb", ">started; echo the disk is full; exit 1")
	fake(t, bin, "postgres", "")
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	t.Setenv("TMPDIR", temp)
	_, err := servers.Postgres(t.Context())
	require.ErrorContains(t, err, "make the files of PostgreSQL: the disk is full")
	require.Empty(t, names(t, temp))
}
