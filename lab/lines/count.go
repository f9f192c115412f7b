package main

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// find returns the files as they are and, of each folder that ends in /..., all
// that lie below it, as the go command understands it.
func find(args []string) (names []string, err error) {
	for _, arg := range args {
		root, below := strings.CutSuffix(filepath.ToSlash(arg), "/...")
		if !below {
			names = append(names, arg)
			continue
		}
		root = filepath.Clean(root)
		err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil || !d.IsDir():
				return err
			case name != root && ignored(d.Name()):
				return fs.SkipDir
			}
			names = append(names, name)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return names, nil
}

// ignored tells whether the go command leaves a folder out.
func ignored(name string) bool {
	return name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}

// count returns the lines of code of a file, or of a folder's files, and the
// number of the files.
func count(name string) (lines, files int, err error) {
	names := []string{name}
	if filepath.Ext(name) != ".go" {
		if _, err := os.Stat(name); err != nil {
			return 0, 0, err
		}
		if names, err = filepath.Glob(filepath.Join(name, "*.go")); err != nil {
			return 0, 0, err
		}
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return 0, 0, err
		}
		n, err := code(text)
		if err != nil {
			return 0, 0, fmt.Errorf("%s: %w", name, err)
		}
		lines, files = lines+n, files+1
	}
	return lines, files, nil
}

// code returns the number of lines of code in a Go file.
func code(text []byte) (int, error) {
	text, err := format.Source(text)
	if err != nil {
		return 0, err
	}
	positions := token.NewFileSet()
	parsed, err := parser.ParseFile(positions, "", text, parser.SkipObjectResolution)
	if err != nil {
		return 0, err
	}
	file := positions.File(parsed.FileStart)
	lines := map[int]bool{}
	for word := range tokens(file, text) {
		if !imported(parsed, word.at) {
			word.mark(lines, file.Line(word.at))
		}
	}
	return len(lines), nil
}

// imported tells whether a place lies in an import declaration.
func imported(file *ast.File, at token.Pos) bool {
	return slices.ContainsFunc(file.Decls, func(d ast.Decl) bool {
		group, ok := d.(*ast.GenDecl)
		return ok && group.Tok == token.IMPORT && group.Pos() <= at && at < group.End()
	})
}

// word is one token as it stands in a file.
type word struct {
	at   token.Pos
	text string
}

// mark notes the lines that a token stands on: only a text in backquotes has more
// than one, and may have blank lines.
func (w word) mark(lines map[int]bool, line int) {
	for i, part := range strings.Split(w.text, "\n") {
		if strings.TrimSpace(part) != "" {
			lines[line+i] = true
		}
	}
}

// tokens returns the tokens of a file that are written: no comments, and none of
// the semicolons that the scanner adds at the ends of lines.
func tokens(file *token.File, text []byte) func(yield func(word) bool) {
	return func(yield func(word) bool) {
		fresh := token.NewFileSet().AddFile("", file.Base(), len(text))
		var s scanner.Scanner
		s.Init(fresh, text, nil, 0)
		for {
			at, kind, literal := s.Scan()
			if kind == token.EOF {
				return
			}
			if kind == token.SEMICOLON && literal == "\n" {
				continue
			}
			if literal == "" {
				literal = kind.String()
			}
			if !yield(word{at, literal}) {
				return
			}
		}
	}
}
