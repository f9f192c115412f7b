package readme_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/readme"
)

// TestMain is the program hello, too, for transcripts that run one.
func TestMain(m *testing.M) {
	if strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") == "hello" {
		hello(os.Args[1:])
	}
	os.Exit(m.Run())
}

func hello(args []string) {
	if strings.Join(args, " ") == "silently" {
		os.Exit(4)
	}
	fmt.Printf("hello, %s\r\n", strings.Join(args, "+"))
	os.Exit(0)
}

// shop is a chapter's program.
func shop(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	switch strings.Join(args, " ") {
	case "-scenario success":
		fmt.Fprint(stdout, "\nthe shop\n────────\n\nconfirmed  1\nin 12.3 ms\n")
	case "-fails":
		fmt.Fprintln(stderr, "no such flag")
		return errors.New("shop: it failed")
	case "-hangs":
		<-ctx.Done()
	case "-serve", "-serve badly":
		fmt.Fprintf(stdout, "order  http://127.0.0.1:7101\n")
		fmt.Fprintf(stdout, "Ctrl-C ends it.\n")
		<-ctx.Done()
		if len(args) == 2 {
			return errors.New("it will not close")
		}
	}
	return nil
}

// root lays out a small repository.
func root(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"ch01/README.md":         text,
		"ch01/monolith/place.go": place,
		"ch01/figures/a.svg":     "<svg>a</svg>\n",
		"ch01/figures/hand.svg":  "<svg/>\n",
		"ch02/README.md":         "# Two, `three` and\n\n## Two\n\n## Two\n",
		"ch02/b.svg":             "<svg/>\n",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return dir
}

const place = `package monolith

// Place places an order.
func Place(tx Tx) error {
	if err := reserve(tx); err != nil {
		return err
	}

	return charge(tx)
}
`

func config() readme.Config {
	return readme.Config{
		Programs:  map[string]readme.Program{"./ch01": shop},
		Generated: map[string]string{},
		Figures:   map[string]readme.Draw{"figures/a.svg": draw("<svg>a</svg>\n")},
		Wait:      20 * time.Second,
	}
}

func draw(text string) readme.Draw {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

// verify returns the problems of a README as a text.
func verify(t *testing.T, text string, c readme.Config) string {
	t.Helper()
	return said(readme.Verify(t.Context(), root(t, fences(text)), "ch01/README.md", c))
}

// fences lets three quotation marks stand for a fence.
func fences(text string) string { return strings.ReplaceAll(text, "'''", "```") }

func said(problems []readme.Problem) string {
	var list []string
	for _, p := range problems {
		list = append(list, p.Error())
	}
	return strings.Join(list, "\n")
}

// install puts the program hello on the PATH, and nothing else.
func install(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	require.NoError(t, err)
	program, err := os.ReadFile(self)
	require.NoError(t, err)
	name := "hello"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), program, 0o700))
	t.Setenv("PATH", dir)
}

const good = `# One

A link to [it](#one), [two](../ch02/README.md#two-1), [three](../ch02#x), [far](https://example.com/nowhere).
![a](figures/a.svg) ![theirs](../ch02/b.svg)
<img src="figures/a.svg">

'''console
$ go run ./ch01 -scenario success

the shop
────────

confirmed  1
...

$ go run ./ch01 \
>     -fails
no such flag
shop: it failed
exit status 1
'''

1. In a list:

   '''console shape
   $ go run ./ch01 -scenario success

   the shop
   ──

   confirmed 17
   in 1.2 s
   '''

'''go ch01/monolith/place.go
func Place(tx Tx) error {
	// ...
	return charge(tx)
}
'''

'''go ch01/monolith/place.go
if err := reserve(tx); err != nil {
	return err
}

return charge(tx)
'''

'''console
$ go run ./ch01 -serve
order  http://127.0.0.1:7101
...
'''

<!-- generated score -->
| a | b |
'''
free
'''
<!-- end -->

'''sh
go test ./ch01 | less
'''

'''text
<!-- generated this shows how it is written -->
'''
`

func TestAREADMEThatIsTrue(t *testing.T) {
	c := config()
	c.Generated["score"] = "| a | b |\n```\nfree\n```\n"
	dir := root(t, fences(good))
	readme.Check(t, dir, "ch01/README.md", c)

	c.Update = true
	require.Empty(t, readme.Verify(t.Context(), dir, "ch01/README.md", c))
	text, err := os.ReadFile(filepath.Join(dir, "ch01", "README.md"))
	require.NoError(t, err)
	require.Equal(t, fences(good), string(text), "an update has nothing to change in what is true")
}

func TestWindowsLineEndsAreNoDifference(t *testing.T) {
	c := config()
	c.Generated["score"] = "| a | b |\n```\nfree\n```\n"
	require.Empty(t, verify(t, strings.ReplaceAll(good, "\n", "\r\n"), c))
}

func TestWhatIsNoLongerTrue(t *testing.T) {
	for _, test := range []struct{ name, text, problem string }{
		{"an output changed",
			"'''console\n$ go run ./ch01 -fails\nno such file\nshop: it failed\nexit status 1\n'''",
			"README.md:2: go run ./ch01 -fails\nwrites something else than is shown " +
				"(- shown, + written):\n- no such file\n+ no such flag\n  shop: it failed\n" +
				"  exit status 1"},
		{"an output is missing",
			"'''console\n$ go run ./ch01 -fails\nno such flag\nshop: it failed\n'''",
			"\n+ exit status 1"},
		{"an output is extra",
			"'''console\n$ go run ./ch01 -fails\nno such flag\nshop: it failed\nexit status 1\n" +
				"or so\n'''",
			"\n- or so"},
		{"an output after a gap", "'''console\n$ go run ./ch01 -fails\n...\nexit status 2\n'''",
			"  ...\n- exit status 2"},
		{"a shape",
			"'''console shape\n$ go run ./ch01 -scenario success\n...\nrefused 17\nin 1.2 s\n'''",
			"- refused #\n"},
		{"a number that is no shape",
			"'''console\n$ go run ./ch01 -scenario success\n...\nin 1.2 ms\n'''",
			"- in 1.2 ms\n+ in 12.3 ms"},
		{"a program is gone", "'''console\n$ go run ./ch09\n'''", "no program ./ch09"},
		{"go test in a transcript", "'''console\n$ go test ./ch01\nok\n'''",
			"show this one in a block of sh"},
		{"go test behind a flag", "'''console\n$ go run ./ch01 -explore\n'''", "this runs go test"},
		{"a pipe", "'''console\n$ go run ./ch01 | head\n'''", "only a shell"},
		{"no command", "'''console\nconfirmed\n'''", "begins with a command"},
		{"no transcript", "'''console\n'''", "is empty"},
		{"a kind of transcript", "'''console rough\n$ go run ./ch01\n'''", `not "console rough"`},
		{"a transcript where none is checked", "'''sh\n$ go run ./ch01\nok\n'''",
			"README.md:2: a transcript belongs into a console block"},
		{"a server that says something else",
			"'''console\n$ go run ./ch01 -serve\norder http://127.0.0.1:7102\n'''",
			"- order http://127.0.0.1:7102\n+ order  http://127.0.0.1:7101"},
		{"a server that shows nothing", "'''console\n$ go run ./ch01 -serve\n...\n'''",
			"show the first lines"},
		{"a server that ends", "'''console\n$ go run ./ch01 -serve at once\nready\n'''",
			"it ended by itself"},
		{"a server that ends badly",
			"'''console\n$ go run ./ch01 -serve badly\norder  http://127.0.0.1:7101\n'''",
			"Ctrl-C ended it with an error: it will not close"},
		{"a server that is ended badly",
			"'''console\n$ go run ./ch01 -serve badly\norder  http://127.0.0.1:7101\n...\n^C\n" +
				"$ go run ./ch01\n'''",
			"Ctrl-C ended it with an error: it will not close"},
		{"an excerpt changed",
			"'''go ch01/monolith/place.go\nfunc Place(tx Tx) error {\n" +
				"\tif err := hold(tx); err != nil {\n'''",
			"README.md:3: ch01/monolith/place.go goes on in another way " +
				"(- shown, + line 5 of the file):\n" +
				"- \tif err := hold(tx); err != nil {\n+ \tif err := reserve(tx); err != nil {"},
		{"an excerpt after a gap changed",
			"'''go ch01/monolith/place.go\nfunc Place(tx Tx) error {\n\t…\n\treturn pay(tx)\n'''",
			"README.md:4: this is not in ch01/monolith/place.go:\n- \treturn pay(tx)"},
		{"an excerpt leaves out in silence",
			"'''go ch01/monolith/place.go\nfunc Place(tx Tx) error {\n\treturn charge(tx)\n'''",
			"goes on in another way"},
		{"an excerpt in another order",
			"'''go ch01/monolith/place.go\n\treturn charge(tx)\n\t// ...\n" +
				"func Place(tx Tx) error {\n'''",
			"README.md:4: this is not in"},
		{"an excerpt indented otherwise",
			"'''go ch01/monolith/place.go\nif err := reserve(tx); err != nil {\n" +
				"\t\treturn err\n'''",
			"goes on in another way"},
		{"an excerpt of nothing", "'''go ch01/monolith/place.go\n// ...\n'''", "is empty"},
		{"an excerpt that goes past the end",
			"'''go ch01/monolith/place.go\n\treturn charge(tx)\n}\nfunc more() {}\n'''",
			"README.md:4: this is not in"},
		{"an excerpt of a file that is gone",
			"'''go ch01/monolith/gone.go\nfunc Place\n'''",
			"README.md:1: the excerpt is from ch01/monolith/gone.go: file does not exist"},
		{"an excerpt of a file outside", "'''go ../place.go\nfunc Place\n'''", "invalid"},
		{"code without a file", "'''go\nfunc Place\n'''", "must say which file"},
		{"a drawing by hand", "'''mermaid\na --> b\n'''", "must say which file"},
		{"a block of no kind", "'''\nfunc Place\n'''", "must say what it is"},
		{"an indented block", "Look:\n\n    func Place\n",
			"README.md:3: a code block must say what it is"},
		{"a dead link", "[x](gone.md)",
			"README.md:1: the link gone.md is dead: file does not exist"},
		{"a dead image", "one\n\n![x](gone.png)", "README.md:3: the link gone.png is dead"},
		{"a dead image in HTML", "one\n\n<picture>\n<img src=\"gone.png\">\n</picture>",
			"README.md:4: the link gone.png is dead"},
		{"a dead reference", "one [x]\n\n[x]: gone.md", "the link gone.md is dead"},
		{"a dead anchor", "# One\n\n[x](#two)", "has no heading #two"},
		{"a dead anchor elsewhere", "[x](../ch02/README.md#two-2)",
			"ch02/README.md has no heading #two-2"},
		{"a link out of the repository", "[x](../../etc/passwd)", "leaves the repository"},
		{"a figure drawn by hand", "![x](figures/hand.svg)", "no test draws figures/hand.svg"},
		{"generated by no test", "<!-- generated score -->\n<!-- end -->",
			`README.md:1: the test generates no "score"`},
		{"generated without end", "<!-- generated score -->\n1",
			"README.md:1: no <!-- end --> follows"},
		{"generated in generated",
			"<!-- generated score -->\n<!-- generated score -->\n<!-- end -->",
			"README.md:2: the generated text above has no"},
		{"generated before a comment", "<!-- generated score -->\n<!--\n<!-- end -->",
			"README.md:1: no <!-- end --> follows"},
		{"generated in a list", "- <!-- generated score -->\n\n<!-- end -->",
			"README.md:3: this ends nothing"},
		{"an end of nothing", "<!-- end -->", "README.md:1: this ends nothing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, verify(t, test.text, config()), test.problem)
		})
	}
}

func TestWhatNeverComes(t *testing.T) {
	for _, test := range []struct{ name, text, problem string }{
		{"a command hangs", "'''console\n$ go run ./ch01 -hangs\n'''", "did not end within 100ms"},
		{"a server that never says it", "'''console\n$ go run ./ch01 -serve\n...\nready\n'''",
			"- ready"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := config()
			c.Wait = 100 * time.Millisecond
			require.Contains(t, verify(t, test.text, c), test.problem)
		})
	}
}

func TestGeneratedText(t *testing.T) {
	for _, test := range []struct{ name, text, problem string }{
		{"true", "<!-- generated score -->\n| 12 ms |\n<!-- end -->", ""},
		{"a true shape", "<!-- generated score shape -->\n| 7 s   |\n<!-- end -->", ""},
		{"stale", "<!-- generated score -->\n| 13 ms |\n<!-- end -->",
			"README.md:1: \"score\" is generated otherwise now; UPDATE=1 writes it anew:\n" +
				"- | 13 ms |\n+ | 12 ms |"},
		{"a stale shape", "<!-- generated score shape -->\n| 7 s | 8 s |\n<!-- end -->",
			"- | # | # |\n+ | # |"},
		{"a gap is no gap here", "<!-- generated score -->\n...\n<!-- end -->",
			"generated otherwise"},
		{"unused", "score", `no <!-- generated score --> asks for it`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := config()
			c.Generated["score"] = "| 12 ms |\n"
			got := verify(t, test.text, c)
			require.Contains(t, got, test.problem)
			require.Equal(t, test.problem == "", got == "")
		})
	}
}

func TestOneServerMayFollowAnother(t *testing.T) {
	running := 0
	c := config()
	c.Programs["./ch01"] = func(
		ctx context.Context, args []string, stdout, stderr io.Writer,
	) error {
		running++
		defer func() { running-- }()
		fmt.Fprintln(stdout, "running", running)
		<-ctx.Done()
		return nil
	}
	text := "'''console\n$ go run ./ch01 -serve\nrunning 1\n^C\n" +
		"$ go run ./ch01 -serve\nrunning 1\n'''"
	require.Empty(t, verify(t, text, c))
	require.Zero(t, running)
}

type usage struct{ error }

func (usage) ExitCode() int { return 2 }

func TestTheExitStatusIsThatOfTheError(t *testing.T) {
	c := config()
	c.Programs["./ch01"] = func(context.Context, []string, io.Writer, io.Writer) error {
		return fmt.Errorf("ch01: %w", usage{errors.New("no such flag")})
	}
	const text = "'''console\n$ go run ./ch01 -x\nch01: no such flag\nexit status 2\n'''"
	require.Empty(t, verify(t, text, c))
}

func TestASignOfLifeIsNoPartOfATranscript(t *testing.T) {
	c := config()
	c.Programs["./ch01"] = func(_ context.Context, _ []string, out, progress io.Writer) error {
		fmt.Fprintln(out, "one")
		fmt.Fprintln(progress, "… 6 s (at work; timeouts take their real time)")
		fmt.Fprintln(out, "two")
		return nil
	}
	require.Empty(t, verify(t, "'''console\n$ go run ./ch01\none\ntwo\n'''", c))
}

func TestOtherPrograms(t *testing.T) {
	install(t)
	const right = "'''console\n$ hello 'big world' \"\" \\$1\nhello, big world++$1\n'''"
	require.Empty(t, verify(t, right, config()))
	const wrong = "'''console\n$ hello you\nhello, me\n'''"
	require.Contains(t, verify(t, wrong, config()), "- hello, me\n+ hello, you")
	require.Contains(t, verify(t, "'''console\n$ hello silently\n'''", config()), "exit status 4")
}

func TestAProgramThatIsNotInstalled(t *testing.T) {
	install(t)
	dir := root(t, fences("'''console\n$ curl http://127.0.0.1\n'''"))
	problems := readme.Verify(t.Context(), dir, "ch01/README.md", config())
	require.Len(t, problems, 1)
	require.True(t, problems[0].Missing)
	require.EqualError(t, problems[0], "ch01/README.md:2: curl is not installed")
}

// TestCheckWithoutAProgram is run by TestCheckSkips.
func TestCheckWithoutAProgram(t *testing.T) {
	dir := os.Getenv("README_ROOT")
	if dir == "" {
		t.Skip("this is run by another test")
	}
	readme.Check(t, dir, "ch01/README.md", config())
}

func TestCheckSkips(t *testing.T) {
	install(t)
	missing := root(t, fences("'''console\n$ curl http://127.0.0.1\n'''"))
	wrong := root(t, fences("[x](gone)\n'''console\n$ curl http://127.0.0.1\n'''"))
	for _, test := range []struct{ name, dir, ci, say string }{
		{"at home", missing, "", "--- SKIP"},
		{"in CI", missing, "true", "--- FAIL"},
		{"something is wrong, too", wrong, "", "--- FAIL"},
	} {
		t.Run(test.name, func(t *testing.T) {
			child := exec.CommandContext(t.Context(), os.Args[0],
				"-test.run=^TestCheckWithoutAProgram$", "-test.v")
			child.Env = append(os.Environ(), "README_ROOT="+test.dir, "CI="+test.ci)
			out, _ := child.CombinedOutput()
			require.Contains(t, string(out), test.say)
		})
	}
}

func TestNoREADME(t *testing.T) {
	verified := readme.Verify(t.Context(), t.TempDir(), "README.md", readme.Config{})
	require.Contains(t, said(verified), "README.md: file does not exist")
}
