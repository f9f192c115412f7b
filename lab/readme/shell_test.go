package readme_test

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/readme"
)

func TestSplit(t *testing.T) {
	for _, test := range []struct {
		command string
		words   []string
	}{
		{`go run ./ch01`, []string{"go", "run", "./ch01"}},
		{"  a \t b  ", []string{"a", "b"}},
		{`a 'b  c' "d  e"`, []string{"a", "b  c", "d  e"}},
		{`a b'c'"d"e`, []string{"a", "bcde"}},
		{`a '' ""`, []string{"a", "", ""}},
		{`a '\"$|' "'|"`, []string{"a", `\"$|`, "'|"}},
		{`a \' \" b\ c`, []string{"a", `'`, `"`, "b c"}},
		{`a "\"\\\$\n"`, []string{"a", `"\$\n`}},
		{`a 'order → payment #1' é`, []string{"a", "order → payment #1", "é"}},
		{`curl -d '{"a":1}' x=y`, []string{"curl", "-d", `{"a":1}`, "x=y"}},
		{`a x#y \* "*"`, []string{"a", "x#y", "*", "*"}},
	} {
		words, err := readme.Split(test.command)
		require.NoError(t, err, test.command)
		require.Equal(t, test.words, words)
	}
}

func TestSplitRefusesWhatNeedsAShell(t *testing.T) {
	for command, reason := range map[string]string{
		"":           "empty",
		"A=1 b":      "do A=1,",
		"a 'b":       "quote `'`",
		`a "b`:       "quote `\"`",
		`a "b\`:      "quote `\"`",
		`a \`:        `do \,`,
		"a $B":       "do $B,",
		`a "$B"`:     "do $B,",
		`a $'b'`:     "do $'b',",
		`a "b!"`:     `do "b!",`,
		"a `b`":      "do `b`,",
		"a|b":        "do a|b,",
		"a > b":      "do > b,",
		"a; b":       "do a; b,",
		"a;":         "do a;,",
		"a\nb":       "do a\nb,",
		"a && b":     "do a && b,",
		"! a":        "do ! a,",
		"(a)":        "do (a),",
		"a *.go":     "do *.go,",
		"a # b":      "do # b,",
		"curl x?y=1": "do x?y=1,",
	} {
		_, err := readme.Split(command)
		require.ErrorContains(t, err, reason, command)
	}
}

func echo(text string) readme.Program {
	return func(_ context.Context, _ []string, stdout, _ io.Writer) error {
		_, err := io.WriteString(stdout, text)
		return err
	}
}

func TestCompare(t *testing.T) {
	for _, test := range []struct {
		name, kind, shown, output string
		ok                        bool
	}{
		{"equal", "", "a\nb\n", "a\nb\n", true},
		{"no newline at the end", "", "a\n", "a", true},
		{"white space that is not seen", "", "a\n\nb\n\n", "a  \r\n\r\nb\n\n\n", true},
		{"an empty line that is seen", "", "a\nb\n", "a\n\nb\n", false},
		{"indentation", "", " a\n", "  a\n", false},
		{"a gap for none", "", "a\n...\nb\n", "a\nb\n", true},
		{"a gap for many", "", "a\n…\nb\n", "a\nb\nb\nc\nb\n", true},
		{"gaps", "", "...\nb\n...\nd\n...\n", "a\nb\nc\nd\n", true},
		{"what stands between gaps is wanted", "", "...\nx\n...\n", "a\nb\n", false},
		{"a gap is a whole line", "", "a ...\n", "a b\n", false},
		{"nothing", "", "", "", true},
		{"something", "", "", "a\n", false},
		{"units", "shape", "1 µs 2 % 1.5 MB 1e-06 1,000 1m2.5s\n", "12ms 20% 3 kB 2 7 9s\n", true},
		{"words are no units", "shape", "1 step\n", "1 kept\n", false},
		{"widths", "shape", "│  1 ms │\n├───┤\n|--|\n", "│ 100 ms │\n├─────┤\n|---|\n", true},
		{"a column more", "shape", "│ 1 │\n", "│ 1 │ 2 │\n", false},
		{"a row more", "shape", "1\n", "1\n2\n", false},
		{"a gap in a shape", "shape", "1\n...\n", "2\n3\n", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := config()
			c.Programs["./ch01"] = echo(test.output)
			got := verify(t, "'''console "+test.kind+"\n$ go run ./ch01\n"+test.shown+"'''\n", c)
			require.Equal(t, test.ok, got == "", got)
		})
	}
}

func TestADiffIsShort(t *testing.T) {
	c := config()
	c.Programs["./ch01"] = echo("1\n2\n3\n4\n5\n6\n7\n8\n")
	got := verify(t, "'''console\n$ go run ./ch01\n1\n2\n3\n4\n5\nsix\n7\n8\n'''\n", c)
	require.Contains(t, got, "\n  ⋮\n  4\n  5\n- six\n+ 6\n  7\n  8")
}
