//go:build unix

package servers_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/servers"
)

const programVariable = "SERVERS_PROGRAM" // makes the test binary a program that uses servers

func TestMain(m *testing.M) {
	for _, name := range []string{"DTX_POSTGRES", "DTX_MARIADB"} {
		_ = os.Unsetenv(name) // these tests kill servers: they want their own
	}
	if os.Getenv(programVariable) == "" {
		os.Exit(m.Run())
	}
	for _, p := range products() {
		if _, err := p.start(context.Background()); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin) // until it is killed, or its test has gone
}

func TestKilledProgramLeavesNothing(t *testing.T) {
	t.Parallel()
	moments := map[string]func(t *testing.T, temp string, out io.Reader){
		"while its first server is made": func(t *testing.T, temp string, _ io.Reader) {
			require.Eventually(t, func() bool { return len(names(t, temp)) > 0 }, 10*time.Second, time.Millisecond)
		},
		"when its servers run": func(t *testing.T, temp string, out io.Reader) {
			var word string
			_, err := fmt.Fscan(out, &word)
			require.NoError(t, err)
			require.Equal(t, "ready", word)
			require.Len(t, names(t, temp), 2)
		},
	}
	if err := servers.Missing(); err != nil && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	for name, wait := range moments {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			temp := openTemp(t)
			program := exec.Command(os.Args[0])
			program.Env = append(os.Environ(), programVariable+"=1", "TMPDIR="+temp)
			_, err := program.StdinPipe()
			require.NoError(t, err)
			out, err := program.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, program.Start())
			wait(t, temp, out)
			processes := family(t, program.Process.Pid)
			require.NotEmpty(t, processes)

			require.NoError(t, program.Process.Kill())
			_ = program.Wait() // it was killed
			requireGone(t, processes)
			require.Empty(t, names(t, temp))
		})
	}
}

// openTemp makes a directory that servers may use which do not run as root.
func openTemp(t *testing.T) string {
	t.Helper()
	temp, err := os.MkdirTemp("/tmp", "servers-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(temp)) })
	require.NoError(t, os.Chmod(temp, 0o777))
	return temp
}

// names returns the names of what is in a directory.
func names(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
