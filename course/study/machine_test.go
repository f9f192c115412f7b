package study

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/machine"
)

// onlyGo makes a PATH in which there is the go command, and nothing else.
func onlyGo(t *testing.T) {
	t.Helper()
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	require.NoError(t, err)
	dir := t.TempDir()
	file := filepath.Join(strings.TrimSpace(string(root)), "bin", "go")
	require.NoError(t, os.Symlink(file, filepath.Join(dir, "go")))
	t.Setenv("PATH", dir)
}

func TestWithoutACompilerOneLineSaysWhatToInstall(t *testing.T) {
	root := course(t, ".")
	write(t, filepath.Join(root, "ch07-toy", "main.go"), "package main\n\nfunc main() {}\n")
	typed(t, "start 7")
	onlyGo(t)
	lines := []string{"break", "7", "toy -list", "test", "next", "watch 7", "solution 7"}
	for _, line := range lines {
		code, out, errors := typed(t, line)
		require.Equal(t, 1, code, line)
		require.NotContains(t, out, "FAIL", line)
		require.Equal(t, 1, strings.Count(errors, "\n"), "%s says: %s", line, errors)
		require.Contains(t, errors, machine.Compiler().HowTo(machine.Here()), line)
	}
}

func TestWithoutGoOneLineSaysSo(t *testing.T) {
	course(t, ".")
	t.Setenv("PATH", t.TempDir())
	code, _, errors := typed(t, "break")
	require.Equal(t, 1, code)
	require.Equal(t, "the go command is not in PATH: install it from https://go.dev/dl/\n", errors)
}

func TestDoctorSaysWhatIsMissing(t *testing.T) {
	course(t, ".")
	onlyGo(t)
	code, out, _ := typed(t, "doctor -json")
	require.Equal(t, 1, code)
	var checks []machine.Check
	require.NoError(t, json.Unmarshal([]byte(out), &checks))
	states := map[string]machine.State{}
	var names []string
	for _, c := range checks {
		names = append(names, c.Name)
		states[c.Name] = c.State
		require.NotContains(t, c.Says, "\n", c.Name)
	}
	require.Equal(t, []string{
		"Go", "C compiler", "SQLite", "port " + machine.Port, "browser",
		"Python", "PostgreSQL", "MariaDB", "strace",
	}, names)
	require.Equal(t, machine.Found, states["Go"])
	require.Equal(t, machine.Missing, states["C compiler"])
	require.Equal(t, machine.Absent, states["strace"])
	code, out, _ = typed(t, "doctor")
	require.Equal(t, 1, code)
	require.Contains(t, out, "✗  C compiler   SQLite needs a C compiler: ")
	require.Contains(t, out, "\nThe course does not run here: see the lines with ✗.\n")
}

func TestDoctorIsContentWithThisMachine(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	code, out, _ := typed(t, "doctor")
	require.Zero(t, code, out)
	require.Contains(t, out, "✓  Go           go1.")
	require.True(t, strings.HasSuffix(out, "\nThe course runs here.\n"), out)
}

func TestWithoutAHomeOneLineSaysWhatToDo(t *testing.T) {
	course(t, ".")
	for _, name := range []string{"HOME", "XDG_CACHE_HOME", "GOCACHE", "GOPATH", "GOMODCACHE"} {
		t.Setenv(name, "")
	}
	code, _, errors := typed(t, "break")
	require.Equal(t, 1, code)
	require.Equal(t, "there is no folder for what Go compiles: set HOME\n", errors)
}

func TestFolderThatCannotBeWrittenToIsSaidToBeOne(t *testing.T) {
	root := course(t, ".")
	write(t, filepath.Join(root, ".course"), "a file, where a folder should be")
	code, _, errors := typed(t, "start 7")
	require.Equal(t, 1, code)
	require.Equal(t, 1, strings.Count(errors, "\n"), errors)
}
