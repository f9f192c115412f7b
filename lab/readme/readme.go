// Package readme keeps the lessons true: it runs the commands that a README
// shows and compares their output, looks its code excerpts up in their source
// files, follows its links, and draws its figures and tables anew. What is
// stale is a problem, or is rewritten if the environment says UPDATE=1.
//
// A block whose first line is ```go ch06-tcc/tcc/tcc.go is an excerpt of that file. A block of
// console has commands, after "$ ", and what they print; "..." stands for lines that are left
// out, and UPDATE=1 fills in what is missing. A block of sh has commands that are only checked.
// What Config generates stands between <!-- generated NAME --> and <!-- end -->.
package readme

import (
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Program is a program's whole command line, run in this process. An error is
// shown as go run shows it: its text, then "exit status 1", or the status that
// the method ExitCode() int of an error tells.
type Program func(ctx context.Context, args []string, stdout, stderr io.Writer) error

// Config is what a README is checked against. The zero value serves one that
// runs no Go program and in which nothing is generated.
type Config struct {
	Programs  map[string]Program // the programs by package, as go run names it: "./ch01-overview"
	Generated map[string]string  // the text between <!-- generated NAME --> and <!-- end -->
	Figures   map[string]Draw    // the figures by path, as the README links it: "figures/saga.svg"
	Wait      time.Duration      // bounds every command; zero means half a minute
	Update    bool               // rewrites what is stale; Check sets it if UPDATE is
}

// Problem is one thing that is not true in a README.
type Problem struct {
	File    string // its path from the root, with slashes
	Line    int    // zero if it concerns the file
	Text    string
	Missing bool // a program that it runs is not installed here
}

// Error returns the problem with its place in front, as compilers do.
func (p Problem) Error() string {
	if p.Line == 0 {
		return p.File + ": " + p.Text
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
}

// Check runs a subtest that fails for every problem of a README. Root is the
// folder of go.mod, and file the README's path from there. If all that is wrong
// is that a program is not installed, and CI is not set, the subtest is skipped.
func Check(t *testing.T, root, file string, c Config) {
	t.Helper()
	c.Update = c.Update || updating()
	t.Run(file, func(t *testing.T) {
		var missing []string
		for _, p := range Verify(t.Context(), root, file, c) {
			if p.Missing && os.Getenv("CI") == "" {
				missing = append(missing, p.Error())
				continue
			}
			t.Error(p)
		}
		if len(missing) > 0 && !t.Failed() {
			t.Skip("not all of it was checked:\n" + strings.Join(missing, "\n"))
		}
	})
}

func updating() bool { return os.Getenv("UPDATE") != "" }

// Verify returns the problems of a README, in the order of its lines. With
// c.Update it rewrites what it can, and returns the rest.
func Verify(ctx context.Context, root, file string, c Config) []Problem {
	if c.Wait == 0 {
		c.Wait = 30 * time.Second
	}
	l, err := read(root, file)
	if err != nil {
		return []Problem{{File: file, Text: err.Error()}}
	}
	k := &checker{Config: c, lesson: l, root: root, files: os.DirFS(root)}
	k.checkFigures()
	k.checkGenerated()
	k.checkBlocks()
	k.checkLinks()
	k.checkTranscripts(ctx)
	k.save()
	slices.SortStableFunc(k.problems, func(a, b Problem) int { return a.Line - b.Line })
	return k.problems
}

// read parses a README.
func read(root, file string) (*lesson, error) {
	source, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	if err != nil {
		return nil, cause(err) // Problem names the file already
	}
	return parse(path.Clean(file), source), nil
}
