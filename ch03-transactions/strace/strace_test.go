package strace_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"example.com/dtx/ch03-transactions/strace"
	"github.com/stretchr/testify/require"
)

// What the test program, run again, is to do.
const (
	folderVariable = "STRACE_TEST_FOLDER" // make three files in this folder
	callVariable   = "STRACE_TEST_CALL"   // connect to this address, and wait there
)

var threeFiles = []string{"a", "b", "c"}

func TestMain(m *testing.M) {
	if addr := os.Getenv(callVariable); addr != "" {
		if conn, err := net.Dial("tcp", addr); err == nil {
			_, _ = conn.Read(make([]byte, 1))
		}
		os.Exit(0)
	}
	folder := os.Getenv(folderVariable)
	if folder == "" {
		os.Exit(m.Run())
	}
	for _, name := range threeFiles {
		wander()
		fmt.Println("next")
		f, err := os.Create(filepath.Join(folder, name))
		if err == nil {
			err = errors.Join(f.Sync(), f.Close())
		}
		if err != nil {
			os.Exit(1)
		}
	}
	os.Exit(0)
}

// wander waits for other goroutines, after which this one may run on any thread.
func wander() {
	ping, pong := make(chan int), make(chan int)
	for range runtime.NumCPU() {
		go func() {
			for n := range ping {
				pong <- n
			}
		}()
	}
	for n := range 1000 {
		ping <- n
		<-pong
	}
	close(ping)
}

// trace runs the program again, and returns the names of the files that it
// synced, and of those that it left.
func trace(t *testing.T, r strace.Run) (synced, left []string, killed bool) {
	t.Helper()
	folder := t.TempDir()
	r.Env, r.Trace = []string{folderVariable + "=" + folder}, "execve,write,fsync"
	dir := t.TempDir()
	calls, killed, err := strace.Self(t.Context(), dir, r)
	cannotTrace(t, err)
	require.NoError(t, err)
	require.NoFileExists(t, filepath.Join(dir, "trace"))
	marks, thread := 0, calls[0].Thread
	for _, c := range calls {
		if c.Says("next") {
			marks++
			require.Equal(t, thread, c.Thread, "the thread of a mark, and the first of all")
		}
		if c.Name == "fsync" && c.Thread == thread {
			synced = append(synced, c.File())
			require.Equal(t, len(synced), marks, "marks before the sync of %s", c.File())
		}
	}
	files, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, f := range files {
		left = append(left, f.Name())
	}
	return synced, left, killed
}

func TestATraceNamesTheFilesThatWereSynced(t *testing.T) {
	synced, left, killed := trace(t, strace.Run{})
	require.Equal(t, threeFiles, synced)
	require.Equal(t, threeFiles, left)
	require.False(t, killed)
}

func TestAKilledProgramGoesNoFurther(t *testing.T) {
	synced, left, killed := trace(t, strace.Run{Kill: "fsync", When: 2})
	require.Equal(t, threeFiles[:2], synced, "the second call was begun")
	require.Equal(t, threeFiles[:2], left)
	require.True(t, killed)
}

func TestWhereStraceIsMissingOrMayNotTraceItIsSaid(t *testing.T) {
	t.Setenv("PATH", "")
	_, _, err := strace.Self(t.Context(), t.TempDir(), strace.Run{Trace: "fsync"})
	require.ErrorIs(t, err, strace.ErrMissing)

	tools := t.TempDir() // what strace says in a container without the right to trace
	script := "#!/bin/sh\necho 'strace: do_test_ptrace_get_syscall_info: " +
		"PTRACE_TRACEME: Operation not permitted' >&2\nexit 1\n"
	if err := os.WriteFile(filepath.Join(tools, "strace"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", tools)
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip(err)
	}
	_, _, err = strace.Self(t.Context(), t.TempDir(), strace.Run{Trace: "fsync"})
	require.ErrorIs(t, err, strace.ErrMissing)
	require.ErrorContains(t, err, "not permitted")
}

func TestAProgramThatHangsEndsWithItsContext(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()
	require.NoError(t, listener.(*net.TCPListener).SetDeadline(time.Now().Add(10*time.Second)))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	dir, ended := t.TempDir(), make(chan error, 1)
	go func() {
		_, _, err := strace.Self(ctx, dir, strace.Run{
			Env: []string{callVariable + "=" + listener.Addr().String()}, Trace: "fsync",
		})
		ended <- err
	}()
	conn, err := listener.Accept()
	if err != nil {
		cannotTrace(t, <-ended)
	}
	require.NoError(t, err)
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	rest, err := io.ReadAll(conn)
	require.NoError(t, err, "the program that strace ran is still there")
	require.Empty(t, rest)
	require.NoError(t, conn.Close())
}

// cannotTrace is no excuse where the tests have the last word.
func cannotTrace(t *testing.T, err error) {
	t.Helper()
	if errors.Is(err, strace.ErrMissing) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
}
