package readme_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/readme"
)

const stale = `# One   
'''console
$ go run ./ch01 -scenario success
nothing

$ go run ./ch01 -fails
'''
 * In a list

   > and quoted
   > '''console
   > $ go run ./ch01 -scenario success
   > '''
<!-- generated score -->
old
<!-- end -->
'''console
$ go run ./ch01 -serve
soon
^C
'''
No newline at the end`

const fresh = `# One   
'''console
$ go run ./ch01 -scenario success

the shop
────────

confirmed  1
in 12.3 ms

$ go run ./ch01 -fails
no such flag
shop: it failed
exit status 1
'''
 * In a list

   > and quoted
   > '''console
   > $ go run ./ch01 -scenario success
   >
   > the shop
   > ────────
   >
   > confirmed  1
   > in 12.3 ms
   > '''
<!-- generated score -->
new
<!-- end -->
'''console
$ go run ./ch01 -serve
order  http://127.0.0.1:7101
Ctrl-C ends it.
^C
'''
No newline at the end`

func TestUpdate(t *testing.T) {
	dir := root(t, fences(stale))
	c := config()
	c.Generated["score"] = "new"
	c.Figures["figures/new.svg"] = draw("<svg/>\n")
	c.Update = true
	c.Wait = time.Second / 2 // the server will never say "soon"
	require.Empty(t, said(readme.Verify(t.Context(), dir, "ch01/README.md", c)))
	text, err := os.ReadFile(filepath.Join(dir, "ch01", "README.md"))
	require.NoError(t, err)
	require.Equal(t, fences(fresh), string(text))

	c.Update = false
	require.Empty(t, said(readme.Verify(t.Context(), dir, "ch01/README.md", c)))
}

func TestUpdateKeepsItsHandsOffTheRest(t *testing.T) {
	const text = "'''console\n$ go run ./ch01 -hangs\nold\n'''\n" +
		"'''go ch01/monolith/place.go\nold\n'''\n[x](gone)\n"
	dir := root(t, fences(text))
	c := config()
	c.Update = true
	c.Wait = 100 * time.Millisecond
	require.Len(t, readme.Verify(t.Context(), dir, "ch01/README.md", c), 3)
	after, err := os.ReadFile(filepath.Join(dir, "ch01", "README.md"))
	require.NoError(t, err)
	require.Equal(t, fences(text), string(after))
}

func TestAnOutputThatWouldBeReadAsACommandIsNotWritten(t *testing.T) {
	c := config()
	c.Update = true
	c.Programs["./ch01"] = echo("$ rm\n")
	const console = "'''console\n$ go run ./ch01\n'''"
	require.Contains(t, verify(t, console, c), "cannot be shown as a transcript")
}

func TestFiguresOfAREADME(t *testing.T) {
	for _, test := range []struct {
		name, figure string
		draw         readme.Draw
		problem      string
	}{
		{"stale", "figures/a.svg", draw("<svg>b</svg>\n"),
			"README.md: the figure figures/a.svg: it would be drawn otherwise now; " +
				"UPDATE=1 draws it anew:\n- <svg>a</svg>\n+ <svg>b</svg>"},
		{"not drawn yet", "figures/c.svg", draw(""), "file does not exist; UPDATE=1 draws it"},
		{"not drawable", "figures/a.svg",
			func(io.Writer) error { return errors.New("no ink") }, "draw it: no ink"},
		{"outside", "../../a.svg", draw(""), "outside of the repository"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := config()
			c.Figures = map[string]readme.Draw{test.figure: test.draw}
			require.Contains(t, verify(t, "# One", c), test.problem)
		})
	}
}

func TestFigure(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "a.svg")
	t.Setenv("UPDATE", "1")
	readme.Figure(t, path, draw("<svg/>\n"))
	t.Setenv("UPDATE", "")
	readme.Figure(t, path, draw("<svg/>\n"))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "<svg/>\n", string(text))
}

func TestWhatWasMeasuredIsSavedForAnUpdateOnly(t *testing.T) {
	file := filepath.Join(t.TempDir(), "measured.json")
	t.Setenv("UPDATE", "1")
	readme.SaveMeasured(t, file, []int{1})
	t.Setenv("UPDATE", "")
	readme.SaveMeasured(t, file, []int{2})
	require.Equal(t, []int{1}, readme.Measured[[]int](t, file))
}
