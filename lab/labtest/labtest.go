// Package labtest is what the tests of several rooms share.
package labtest

import (
	"bufio"
	"context"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/toy"
)

// ParentVariable makes this program the parent that a test kills.
const ParentVariable = "LAB_TEST_PARENT"

// OwnTemp gives a test, and the processes that it starts, a directory of its own
// for temporary files.
func OwnTemp(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} { // the last two are Windows'
		t.Setenv(name, dir)
	}
	return dir
}

// Empty fails if something is left in a directory.
func Empty(t *testing.T, dir, after string) {
	t.Helper()
	var left []string
	require.NoError(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if path != dir {
			left = append(left, path)
		}
		return err
	}))
	require.Empty(t, left, "temporary files after %s", after)
}

// Scenario returns one of the toy's situations.
func Scenario(t *testing.T, name string) lab.Scenario {
	t.Helper()
	s, err := toy.Chapter().Scenario(name)
	require.NoError(t, err)
	return s
}

// StartParent starts this program as a parent of services. Open is closed when
// the last of them has ended: they inherit its other end.
func StartParent(t *testing.T) (parent *exec.Cmd, open *os.File) {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	parent = exec.Command(exe)
	_, err = parent.StdinPipe()
	require.NoError(t, err)
	stdout, err := parent.StdoutPipe()
	require.NoError(t, err)
	open, theirs, err := os.Pipe()
	require.NoError(t, err)
	t.Cleanup(func() { _ = open.Close() })
	parent.Stderr = theirs
	require.NoError(t, parent.Start())
	require.NoError(t, theirs.Close())
	word, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "started: <nil>\n", word)
	return parent, open
}

// Gone waits until the services of a parent have ended.
func Gone(t *testing.T, open *os.File) {
	t.Helper()
	require.NoError(t, open.SetReadDeadline(time.Now().Add(10*time.Second)))
	said, err := io.ReadAll(open)
	require.NoError(t, err, "a service runs on after its parent has ended")
	require.Empty(t, string(said))
}

// Within bounds what a test waits for.
func Within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}
