package trace_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/check/trace"
)

// dataVariable makes this test's program a program that is traced.
const dataVariable = "TRACE_DATA"

func TestMain(m *testing.M) {
	trace.Child()
	if data := os.Getenv(dataVariable); data != "" {
		if err := program(data); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// program waits for the file go beside its data, and changes files then.
func program(data string) error {
	gone := func() bool { _, err := os.Stat(data + ".go"); return err == nil }
	for !gone() {
		time.Sleep(time.Millisecond)
	}
	one, two := filepath.Join(data, "one"), filepath.Join(data, "two")
	done := make(chan error)
	go func() { done <- os.WriteFile(one, []byte("not forced"), 0o600) }()
	if err := <-done; err != nil {
		return err
	}
	temporary, err := os.Create(two + ".new")
	if err != nil {
		return err
	}
	_, written := temporary.WriteString("forced")
	err = errors.Join(written, temporary.Sync(), os.Rename(two+".new", two))
	_, written = temporary.WriteString(", not forced")
	err = errors.Join(err, written, os.Remove(filepath.Join(data, "old")))
	if err == nil {
		err = os.WriteFile(data+".done", nil, 0o600)
	}
	time.Sleep(time.Minute)
	return err
}

// traced runs the program under a tracer, and returns the calls and the files that are left.
func traced(t *testing.T, o trace.Order) (calls []string, files map[string]string) {
	t.Helper()
	if trace.Unable != "" {
		t.Skip(trace.Unable)
	}
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	require.NoError(t, os.Mkdir(data, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(data, "old"), []byte("old"), 0o600))
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", `"$0"; exit $?`, self)
	cmd.Env = append(os.Environ(), dataVariable+"="+data)
	tracer, err := trace.Start(cmd, data, filepath.Join(dir, "images"))
	require.NoError(t, err)
	require.NoError(t, tracer.Arm(o))
	require.NoError(t, os.WriteFile(data+".go", nil, 0o600))
	isDone := func() bool { _, err := os.Stat(data + ".done"); return err == nil }
	if o.Call == "" {
		require.Eventually(t, isDone, 10*time.Second, time.Millisecond)
		require.NoError(t, tracer.Now())
	}
	require.True(t, tracer.Struck(10*time.Second))
	_ = cmd.Wait() // it was killed
	require.Equal(t, o.Call == "", isDone())
	files = map[string]string{}
	require.NoError(t, filepath.WalkDir(data, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		files[e.Name()] = string(text)
		return err
	}))
	return tracer.Calls(), files
}

// all is what the program does.
func all() []string {
	return []string{
		"openat one 1", "write one 1", "openat two.new 1", "write two.new 1", "fsync two.new 1",
		"renameat two 1", "write two 1", "unlinkat old 1",
	}
}

func TestEachCallHasAName(t *testing.T) {
	calls, files := traced(t, trace.Order{})
	require.Equal(t, all(), calls)
	require.Equal(t, map[string]string{"one": "not forced", "two": "forced, not forced"}, files)
}

func TestTheProgramDiesBeforeTheCall(t *testing.T) {
	for call, want := range map[string]map[string]string{
		"write one 1":    {"old": "old", "one": ""},
		"renameat two 1": {"old": "old", "one": "not forced", "two.new": "forced"},
	} {
		t.Run(call, func(t *testing.T) {
			calls, files := traced(t, trace.Order{Call: call})
			require.Equal(t, all()[:slices.Index(all(), call)+1], calls)
			require.Equal(t, want, files)
		})
	}
}

func TestAPowerCutLeavesWhatWasForced(t *testing.T) {
	for call, want := range map[string]map[string]string{
		"fsync two.new 1": {"old": "old"},
		"renameat two 1":  {"old": "old", "two.new": "forced"},
		"write two 1":     {"old": "old", "two": "forced"},
		"":                {"two": "forced"},
	} {
		t.Run(call, func(t *testing.T) {
			_, files := traced(t, trace.Order{Call: call, Cut: true})
			require.Equal(t, want, files)
		})
	}
}
