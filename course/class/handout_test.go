package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/course/study"
	"example.com/dtx/internal/program"
)

// handedOut makes a handout.
func handedOut(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "course")
	var said, wrong bytes.Buffer
	require.Zero(t, run(t.Context(), []string{"handout", dir}, &said, &wrong), "%s", &wrong)
	require.NotZero(t, run(t.Context(), []string{"handout", dir}, &said, &wrong), "over a handout")
	return dir
}

func TestHandoutLacksTheAnswersAndTheHistory(t *testing.T) {
	needsClone(t)
	dir := handedOut(t)
	for _, pattern := range append(withheld(), ".git", ".course", "out") {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		require.NoError(t, err)
		require.Empty(t, found, "the handout has %s", pattern)
	}
	list, err := study.List(dir)
	require.NoError(t, err)
	require.Len(t, list, len(course(t)))
	for _, e := range list {
		untouched, err := e.Untouched(e.Dir)
		require.NoError(t, err)
		require.True(t, untouched, "%s is not as it was at first", e.Folder)
	}
}

// TestHandoutCompiles vets the packages that lack a file, where they lie: Go has most of
// them in its cache. No other package imports what is withheld.
func TestHandoutCompiles(t *testing.T) {
	needsClone(t)
	root, err := program.Root(".")
	require.NoError(t, err)
	replace := map[string]string{}
	for _, pattern := range withheld() {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		require.NoError(t, err)
		require.NotEmpty(t, found, "%s withholds nothing", pattern)
		for _, file := range found {
			replace[file] = ""
		}
	}
	overlay := filepath.Join(t.TempDir(), "overlay.json")
	text, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(overlay, text, 0o600))
	vet := exec.CommandContext(t.Context(), "go", "vet", "-overlay="+overlay, ".", "./internal/...",
		"./course/...")
	vet.Dir = root
	said, err := vet.CombinedOutput()
	said = bytes.ReplaceAll(said, []byte("#"), nil)
	require.NoError(t, err, "%s", said)
}

// TestHandoutsTestsPass is part of .ci/long: it compiles and tests another course.
func TestHandoutsTestsPass(t *testing.T) {
	if os.Getenv("HANDOUT") == "" {
		t.Skip("HANDOUT=1 runs the tests of the handout, as .ci/long does")
	}
	dir := handedOut(t)
	test := exec.CommandContext(t.Context(), "go", "test", "-timeout=0", "./...")
	test.Dir = dir
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "HANDOUT=") {
			test.Env = append(test.Env, variable)
		}
	}
	said, err := test.CombinedOutput()
	require.NoError(t, err, "%s", said)
}

// needsClone skips a test in a course without Git's list of files.
func needsClone(t *testing.T) {
	t.Helper()
	if err := exec.CommandContext(t.Context(), "git", "ls-files").Run(); err != nil {
		t.Skip("this is no clone, and Git does not know its files: ", err)
	}
}

func TestAnotherCommandIsRefused(t *testing.T) {
	for _, args := range [][]string{nil, {"forgive"}} {
		var said, wrong bytes.Buffer
		require.Equal(t, 2, run(t.Context(), args, &said, &wrong), "the exit code of %q", args)
		require.Contains(t, wrong.String(), "go run . grade DIR", "%q", args)
	}
}
