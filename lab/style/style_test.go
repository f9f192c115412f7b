package style_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/style"
)

func TestTheRepositoryKeepsSTYLE(t *testing.T) {
	found, err := style.Repository(os.DirFS("../.."))
	require.NoError(t, err)
	for name, list := range found {
		for _, f := range list {
			t.Errorf("%s:%s", name, f)
		}
	}
}

func TestEachRuleIsFound(t *testing.T) {
	long := "package a\n\n//\t" + strings.Repeat("é", 96)
	wide := strings.Repeat("x", 101)
	for _, c := range []struct{ Name, Text, Want string }{
		{"a.md", "Whoever asks.\n\nIt isn't.\n", `1: "Whoever" 3: "isn't"`},
		{"a.md", "[It doesn't](https://example.com/): a customer who pays.\n", ""},
		{"a.md", "# Predict\n\nNobody?\n\n### 1\n\nUnless\n\n## Why\n\nunless\n",
			`11: "unless"`},
		{"STYLE.md", "nobody\n", ""},
		{"a.go", "package a\n\nvar b = http.NoBody\n\nvar nobody = b\n", `5: "nobody"`},
		{"a.patch", "Why: nobody\n--- a\n+++ a\n nobody\n+unless\n", `1: "nobody" 5: "unless"`},
		{"a.go", long + "\n", ""},
		{"a.go", long + "é\n", "3: 101 columns, and 100 are allowed"},
		{"a.go", "package a\n\nconst s = `" + wide + "\n" + wide + "\n" + wide + "`\n",
			"3: 112 columns, and 100 are allowed 5: 102 columns, and 100 are allowed"},
		{"a.go", "package a\n\nconst s = \"" + wide + "\"\n",
			"3: 113 columns, and 100 are allowed"},
		{"a.go", "package a\n\ntype t struct {\n\tN int // it is undone\n}\n",
			`4: the comment goes on where the field's name stops: "it"`},
		{"a.go", "package a\n\ntype t struct {\n\tWhy int // It is a reason.\n}\n", ""},
		{"a.go", "package a\n\ntype t struct {\n\tN int // the number\n}\n", ""},
		{"a.go", "package a\n\n// a does.\nfunc b() {}\n",
			"3: the comment on b does not begin with that name"},
		{"a.go", "package a\n\n// A b is.\ntype b int\n", ""},
		{"a.go", "package a\n\n// Numbers:\nconst (\n\tx = 1 // one\n)\n", ""},
	} {
		found, err := style.Check(c.Name, c.Text)
		require.NoError(t, err)
		var got []string
		for _, f := range found {
			got = append(got, strings.TrimSuffix(f.String(), ": see STYLE.md"))
		}
		require.Equal(t, c.Want, strings.Join(got, " "), "%s:\n%s", c.Name, c.Text)
	}
}

func TestAStudentsFileIsNotChecked(t *testing.T) {
	const stub = "ch01/exercise/testdata/start/a.go"
	bad := &fstest.MapFile{Data: []byte("package a // nobody\n")}
	found, err := style.Repository(fstest.MapFS{
		"ch01/exercise/a.go": bad, stub: bad, ".git/b.go": bad, "out/c.go": bad, "lab/d.go": bad,
	})
	require.NoError(t, err)
	require.Len(t, found, 2)
	require.Contains(t, found, stub)
	require.Contains(t, found, "lab/d.go")
}
