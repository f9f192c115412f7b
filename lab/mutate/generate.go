package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// generate returns the mutants of a package, in the order of its files and lines.
func generate(dir string) ([]mutant, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	g := generator{files: token.NewFileSet(), groups: groups{}, seen: map[string]int{}}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if err := g.read(name); err != nil {
			return nil, err
		}
	}
	if len(g.mutants) == 0 {
		return nil, fmt.Errorf("%s has no code to change", dir)
	}
	return g.mutants, nil
}

// generator collects mutants.
type generator struct {
	files   *token.FileSet
	groups  groups
	mutants []mutant
	seen    map[string]int

	// Where it is.
	name     string
	text     []byte
	file     *ast.File
	function *ast.FuncDecl
	in       *function
	logging  bool
}

// read adds the mutants of a file.
func (g *generator) read(name string) (err error) {
	if g.text, err = os.ReadFile(name); err != nil {
		return err
	}
	g.name = name
	g.file, err = parser.ParseFile(g.files, name, g.text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, d := range g.file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
			g.function, g.in = f, g.enter(f)
			g.returnEarly()
			g.walk(f.Body)
		}
	}
	return nil
}

// walk adds the mutants of a node and of all below it.
func (g *generator) walk(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		was := g.logging
		defer func() { g.logging = was }()
		switch n := n.(type) {
		case *ast.SelectorExpr:
			g.selected(n)
			g.walk(n.X)
			return false
		case *ast.IfStmt:
			if n.Init != nil {
				g.walk(n.Init)
			}
			g.logging = was || n.Else == nil && log(n.Body.List...)
			g.condition(n.Cond)
			g.walk(n.Cond)
			g.walk(n.Body)
			if n.Else != nil {
				g.walk(n.Else)
			}
			return false
		case *ast.ExprStmt:
			g.logging = was || log(n)
			g.walk(n.X)
			return false
		}
		g.mutate(n)
		return true
	})
}

// mutate adds the mutants of one node.
func (g *generator) mutate(n ast.Node) {
	switch n := n.(type) {
	case *ast.ForStmt:
		g.condition(n.Cond)
	case *ast.SwitchStmt:
		g.cases(n)
	case *ast.BinaryExpr:
		g.operator(n)
	case *ast.BlockStmt:
		g.drops(n.List)
	case *ast.CaseClause:
		g.drops(n.Body)
	case *ast.CommClause:
		g.drops(n.Body)
	case *ast.BasicLit:
		g.literal(n)
	case *ast.Ident:
		g.ident(n)
	}
}

// add adds a mutant that has text in a node's place.
func (g *generator) add(n ast.Node, text, what string) {
	g.splice(n.Pos(), n.End(), text, what)
}

func (g *generator) splice(from, to token.Pos, text, what string) {
	at := g.files.Position(from)
	m := mutant{
		File: filepath.ToSlash(g.name), Line: at.Line, Func: g.path(), What: what,
		Logging: g.logging, in: g.in, from: at.Offset, to: g.files.Position(to).Offset, text: text,
	}
	g.seen[m.key()]++
	if n := g.seen[m.key()]; n > 1 {
		m.What += fmt.Sprintf(" (%d)", n)
	}
	g.mutants = append(g.mutants, m)
}

// path returns the package and the name of the function.
func (g *generator) path() string {
	name := g.function.Name.Name
	if r := g.function.Recv; r != nil {
		name = strings.TrimPrefix(g.source(r.List[0].Type), "*") + "." + name
	}
	return g.file.Name.Name + "." + name
}

// source returns a node as it is written, in one line.
func (g *generator) source(n ast.Node) string {
	text := g.text[g.files.Position(n.Pos()).Offset:g.files.Position(n.End()).Offset]
	return strings.Join(strings.Fields(string(text)), " ")
}

// short returns the beginning of a node as it is written.
func (g *generator) short(n ast.Node) string {
	const most = 70
	text := []rune(g.source(n))
	if len(text) > most {
		return string(text[:most]) + " …"
	}
	return string(text)
}
