// Package style checks those rules of STYLE.md that a program can count.
package style

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"
)

// Finding is a place that breaks a rule.
type Finding struct {
	Line int    // counted from 1
	Text string // the rule, and what breaks it
}

// String returns the finding as a compiler prints it, without the file.
func (f Finding) String() string { return fmt.Sprintf("%d: %s", f.Line, f.Text) }

// Check returns the places in a file that break a rule, in their order. The
// name says which rules hold: a Go file has more of them than a lesson.
func Check(name string, text string) ([]Finding, error) {
	found := words(name, text)
	if path.Ext(name) == ".go" {
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, name, text, parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("check the style: %w", err)
		}
		for at, what := range comments(file) {
			found = append(found, Finding{files.Position(at).Line, what})
		}
		found = append(found, columns(text, quoted(files, file))...)
	}
	slices.SortFunc(found, func(a, b Finding) int {
		return cmp.Or(a.Line-b.Line, strings.Compare(a.Text, b.Text))
	})
	return found, nil
}

const (
	maxColumns = 100
	tabWidth   = 4
)

// columns finds the lines of a Go file that are too long. A quoted line may have any
// length: it is of another language, such as CSS, and is printed as it stands.
func columns(text string, quoted map[int]bool) (found []Finding) {
	for n, line := range numbered(text) {
		if quoted[n] {
			continue
		}
		width := 0
		for _, r := range line {
			if r == '\t' {
				width += tabWidth - width%tabWidth
			} else {
				width++
			}
		}
		if width > maxColumns {
			what := fmt.Sprintf("%d columns, and %d are allowed", width, maxColumns)
			found = append(found, Finding{n, what})
		}
	}
	return found
}

// quoted returns the numbers of the lines that begin and end inside a raw string. Its
// first line and its last one have code on them, too.
func quoted(files *token.FileSet, file *ast.File) map[int]bool {
	lines := map[int]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.BasicLit); ok && strings.HasPrefix(s.Value, "`") {
			last := files.Position(s.End()).Line
			for n := files.Position(s.Pos()).Line + 1; n < last; n++ {
				lines[n] = true
			}
		}
		return true
	})
	return lines
}

// numbered returns the lines of a text, counted from 1, without their ends.
func numbered(text string) func(yield func(int, string) bool) {
	return func(yield func(int, string) bool) {
		n := 0
		for line := range strings.Lines(text) {
			n++
			if !yield(n, strings.TrimRight(line, "\r\n")) {
				return
			}
		}
	}
}
