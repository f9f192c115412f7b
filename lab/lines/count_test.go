package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// sample has its number of lines of code in each line that counts.
const sample = `// Package a is a sample.
package a // 1

import "fmt"

import (
	"os" // the world
)

/* Neither
this */

// f prints.
func f() { // 2
	// it prints
	fmt.Println("a", // 3

		"b", os.Args) // 4
	x := ` + "`5 // no comment\n\n6`" + `
	fmt.Println(x); fmt.Println(x) // 7 and 8: gofmt parts them
} // 9
`

func TestOnlyCodeCounts(t *testing.T) {
	n, err := code([]byte(sample))
	require.NoError(t, err)
	require.Equal(t, 9, n)
}

func TestFoldersAndFilesAreCounted(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"a/a.go": sample, "a/a_test.go": sample, "a/b/b.go": "package b\n",
		"a/testdata/c.go": "no Go", "a/d.txt": "",
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	}
	require.Equal(t, "     9 lines    1 files  a\n", output(t, "a"))
	require.Equal(t, "     1 lines    1 files  a/b/b.go\n", output(t, "a/b/b.go"))
	require.Equal(t, "     9 lines    1 files  a\n     1 lines    1 files  a/b\n"+
		"    10 lines    2 files\n", output(t, "./a/..."))
	require.Error(t, run([]string{"a/missing"}, &strings.Builder{}))
	require.Error(t, run([]string{"a/testdata"}, &strings.Builder{}))
}

func output(t *testing.T, args ...string) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, run(args, &out))
	return filepath.ToSlash(out.String())
}
