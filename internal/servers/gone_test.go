//go:build unix

package servers_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
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
			made := func() bool { return len(names(t, temp)) > 0 }
			require.Eventually(t, made, time.Minute, time.Millisecond)
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
			program, out := startProgram(t, "TMPDIR="+temp)
			wait(t, temp, out)
			processes := killProgram(t, program)
			requireGone(t, processes)
			require.Empty(t, names(t, temp))
		})
	}
}

func TestWhatGoesOnAfterTheProgramsDeathIsRemovedToo(t *testing.T) {
	t.Parallel()
	const wait = `>"$TMPDIR/started"; read -r _ <"${0%/*}/pipe"; `
	for name, script := range map[string]struct{ initdb, postgres string }{
		"files are still made": {initdb: wait + ">file"},
		"the server is slow to end": {
			initdb: ":",
			postgres: "trap '' TERM QUIT; " + `TMPDIR=${2%/*}; ` + wait +
				`for i in $(seq 100); do mkdir -p "$2/late"; done`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bin, temp := openTemp(t), openTemp(t)
			fake(t, bin, "initdb", script.initdb)
			fake(t, bin, "postgres", script.postgres)
			pipe := filepath.Join(bin, "pipe")
			require.NoError(t, syscall.Mkfifo(pipe, 0o644))
			// To open it for writing alone would wait for a reader.
			goOn, err := os.OpenFile(pipe, os.O_RDWR, 0)
			require.NoError(t, err)
			defer goOn.Close()

			program, _ := startProgram(t, "TMPDIR="+temp, "PATH="+bin+":"+os.Getenv("PATH"))
			started := func() bool {
				found, err := filepath.Glob(filepath.Join(temp, "*", "started"))
				return err == nil && len(found) == 1
			}
			require.Eventually(t, started, time.Minute, time.Millisecond)
			processes := killProgram(t, program)
			_, err = goOn.WriteString("go on\n")
			require.NoError(t, err)
			requireGone(t, processes)
			require.Empty(t, names(t, temp))
		})
	}
}

// startProgram starts this test binary as a program that uses servers.
func startProgram(t *testing.T, env ...string) (program *exec.Cmd, out io.Reader) {
	t.Helper()
	program = exec.Command(os.Args[0])
	program.Env = append(append(os.Environ(), programVariable+"=1"), env...)
	_, err := program.StdinPipe()
	require.NoError(t, err)
	out, err = program.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, program.Start())
	return program, out
}

// killProgram kills the program and returns the processes that it had started.
func killProgram(t *testing.T, program *exec.Cmd) []int {
	t.Helper()
	processes := family(t, program.Process.Pid)
	require.NotEmpty(t, processes)
	require.NoError(t, program.Process.Kill())
	_ = program.Wait() // it was killed
	return processes
}

// fake makes a program out of a script.
func fake(t *testing.T, dir, name, script string) {
	t.Helper()
	path, text := filepath.Join(dir, name), "#!/bin/sh\n"+script+"\n"
	require.NoError(t, os.WriteFile(path, []byte(text), 0o755))
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
