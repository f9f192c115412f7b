package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
)

// groups are, for each folder, the constants of a type that are declared together: the
// names of states, of outcomes, and these states as they stand in SQL. The value is the
// next one of the group.
type groups map[string]map[string]string

// of reads the groups of a folder.
func (all groups) of(dir string) map[string]string {
	if next, ok := all[dir]; ok {
		return next
	}
	next := map[string]string{}
	all[dir] = next
	names, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil || strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, d := range file.Decls {
			if group, ok := d.(*ast.GenDecl); ok && group.Tok == token.CONST {
				names, states := together(group)
				inTurn(next, names)
				inTurn(next, states)
			}
		}
	}
	return next
}

// together returns the names of a group of constants that have a type, and the values
// that are texts, between SQL's quotes.
func together(group *ast.GenDecl) (names, states []string) {
	typed := false
	for _, spec := range group.Specs {
		s := spec.(*ast.ValueSpec)
		if typed = typed && s.Values == nil || s.Type != nil; !typed {
			continue
		}
		for _, name := range s.Names {
			names = append(names, name.Name)
		}
		for _, value := range s.Values {
			if text, ok := value.(*ast.BasicLit); ok && text.Kind == token.STRING {
				states = append(states, "'"+strings.Trim(text.Value, `"`)+"'")
			}
		}
	}
	return names, states
}

// inTurn notes which name follows which.
func inTurn(next map[string]string, names []string) {
	for i, name := range names {
		if other := names[(i+1)%len(names)]; other != name && name != "_" && other != "_" {
			next[name] = other
		}
	}
}

// quoted is a text in SQL.
var quoted = regexp.MustCompile(`'\w+'`)

// literal swaps 0 and 1, and flips the states in a text of SQL.
func (g *generator) literal(n *ast.BasicLit) {
	switch n.Value {
	case "0":
		g.add(n, "1", "1 in place of 0")
	case "1":
		g.add(n, "0", "0 in place of 1")
	}
	for _, at := range quoted.FindAllStringIndex(n.Value, -1) {
		state := n.Value[at[0]:at[1]]
		if other, ok := g.groups.of(filepath.Dir(g.name))[state]; ok {
			what := other + " in place of " + state + " in " + g.short(n)
			g.splice(n.Pos()+token.Pos(at[0]), n.Pos()+token.Pos(at[1]), other, what)
		}
	}
}

// ident flips a truth value or the name of a state of the package.
func (g *generator) ident(n *ast.Ident) {
	other, ok := map[string]string{"true": "false", "false": "true"}[n.Name]
	if !ok {
		other, ok = g.groups.of(filepath.Dir(g.name))[n.Name]
	}
	if ok {
		g.add(n, other, other+" in place of "+n.Name)
	}
}

// selected flips the name of a state of another package of this project.
func (g *generator) selected(n *ast.SelectorExpr) {
	pkg, ok := n.X.(*ast.Ident)
	if !ok {
		return
	}
	for _, spec := range g.file.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		dir, ours := strings.CutPrefix(imported, module()+"/")
		if !ours || path.Base(dir) != pkg.Name {
			continue
		}
		if other, ok := g.groups.of(filepath.FromSlash(dir))[n.Sel.Name]; ok {
			g.add(n.Sel, other, other+" in place of "+g.source(n))
		}
	}
}

// module returns the path that the project's own imports begin with.
func module() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	return info.Main.Path
}
