package study

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBreakShowsTheDamageInMoney(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	code, out, errors := typed(t, "break")
	require.Zero(t, code, errors)
	require.Contains(t, out, "✕ crash on reply")
	require.Regexp(t, `\nBROKEN .*: ada paid 10\.00 €, and there is no order\n`, out)
	_, out, _ = typed(t, "doctor")
	require.Contains(t, out, "✓  SQLite       compiled\n", "it has just been")
}

func TestChapterIsRunByItsNumberNameOrFolder(t *testing.T) {
	root := course(t, ".")
	write(t, filepath.Join(root, "ch07-toy", "main.go"), `package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Println("told:", os.Args[1:])
	os.Exit(len(os.Args) - 1)
}
`)
	codes := map[string]int{"7": 0, "toy -list": 1, "ch07-toy -x 'y": 2, "./ch07-toy/ 1 2 3": 3}
	for line, code := range codes {
		got, out, errors := typed(t, line)
		require.Equal(t, code, got, errors)
		require.Contains(t, out, "told: [", line)
	}
	code, _, errors := typed(t, "8")
	require.Equal(t, 2, code)
	require.Contains(t, errors, `there is no command "8"`)
}

func TestChapterThatDoesNotCompileSaysWhere(t *testing.T) {
	root := course(t, ".")
	main := filepath.Join(root, "ch07-toy", "main.go")
	write(t, main, "package main\n\nfunc main() { return 1 }\n")
	code, _, errors := typed(t, "7")
	require.Equal(t, 1, code)
	require.Contains(t, errors, "main.go:3:22")
}

func TestProgramWithoutCSaysSoInOneLine(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves it out: a chapter is built anew, without C")
	}
	t.Chdir(filepath.Join("..", ".."))
	for _, args := range [][]string{
		{"run", "./ch01-overview", "-list"}, {"test", "./ch04-saga/exercise"},
		{"run", "./ch02-python-vs-go", "-experiment", "contract"},
	} {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", GradeVariable+"=1")
		said, err := cmd.CombinedOutput()
		require.Error(t, err)
		require.Contains(t, string(said), "SQLite needs a C compiler")
		require.NotContains(t, string(said), "stub")
		require.NotContains(t, string(said), "hint")
	}
}

func TestExerciseIsTestedByItsNumber(t *testing.T) {
	course(t, ".")
	code, out, _ := typed(t, "test 7")
	require.Equal(t, 1, code, "nothing is written")
	require.Contains(t, out, "--- FAIL: TestExercise/2_it_is_right")
}
