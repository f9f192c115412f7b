package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// rules are what a student's files must keep to, before they are built.
type rules struct {
	imports map[string]bool
	given   map[string]declaration // what is not to be changed, by its name
}

// declaration is the text of one, without comments.
type declaration struct{ head, body string }

// allows tells whether a student may have made another declaration out of one: a function
// that is to be written is to stay one.
func (d declaration) allows(now declaration) bool {
	if strings.Contains(d.body, "stub.NotWritten()") {
		return now.body != ""
	}
	return now == d
}

// everywhere are packages that every exercise may import. None of them reaches a file, a
// process, the network or another package's variables.
func everywhere() []string {
	return []string{
		"bytes", "cmp", "context", "errors", "fmt", "iter", "maps", "math", "slices", "sort",
		"strconv", "strings", "sync", "sync/atomic", "time", "unicode", "unicode/utf8",
		"example.com/dtx/internal/httpapi", "example.com/dtx/course/stub",
	}
}

// rulesOf returns the rules of an exercise: what was given stays, and what that or the
// solution imports may be imported.
func rulesOf(start, solution map[string]string) (rules, error) {
	r := rules{map[string]bool{}, map[string]declaration{}}
	for _, path := range everywhere() {
		r.imports[path] = true
	}
	for i, texts := range []map[string]string{start, solution} {
		for name, text := range texts {
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, name, text, parser.SkipObjectResolution)
			if err != nil {
				return r, fmt.Errorf("read what was given: %w", err)
			}
			for _, spec := range file.Imports {
				r.imports[pathOf(spec)] = true
			}
			for _, d := range file.Decls {
				if i == 0 {
					maps.Copy(r.given, declared(d))
				}
			}
		}
	}
	return r, nil
}

// check returns why files are refused; nothing if they are not. A text that is no Go is
// an error.
func (r rules) check(texts map[string]string) (refused []string, err error) {
	has, files := map[string]declaration{}, token.NewFileSet()
	for name, text := range texts {
		file, err := parser.ParseFile(files, name, text, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		no := func(at token.Pos, format string, args ...any) {
			refused = append(refused, files.Position(at).String()+": "+fmt.Sprintf(format, args...))
		}
		r.checkFile(file, no)
		for _, d := range file.Decls {
			for name, what := range declared(d) {
				has[name] = what
				if doc.IsPredeclared(name) {
					no(d.Pos(), "%s would be another in the tests, too", name)
				}
			}
		}
	}
	for name, was := range r.given {
		if now := has[name]; !was.allows(now) {
			refused = append(refused, name+": was given, and is changed")
		}
	}
	slices.Sort(refused)
	return refused, nil
}

// refusal tells that something is refused.
type refusal func(at token.Pos, format string, args ...any)

// checkFile refuses what a file must not have, wherever it stands.
func (r rules) checkFile(file *ast.File, no refusal) {
	imported := map[string]string{}
	for _, spec := range file.Imports {
		path := pathOf(spec)
		name := path[strings.LastIndex(path, "/")+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		imported[name] = path
		switch {
		case !r.imports[path]:
			no(spec.Pos(), "imports %s", path)
		case name == ".":
			no(spec.Pos(), "imports %s without its name", path)
		}
	}
	for _, group := range file.Comments {
		for _, c := range group.List {
			if isDirective(c.Text) {
				no(c.Pos(), "tells the compiler something: %.40s", c.Text)
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		checkNode(n, imported, no)
		return true
	})
}

func isDirective(comment string) bool {
	return strings.HasPrefix(comment, "//go:") || strings.HasPrefix(comment, "//line ") ||
		strings.HasPrefix(comment, "/*line ") || strings.HasPrefix(comment, "//export ")
}

// checkNode refuses what reaches the variables of another package, opens a database of
// the student's choice, or answers for the tests whether two errors are the same.
func checkNode(n ast.Node, imported map[string]string, no refusal) {
	var changed []ast.Expr
	switch n := n.(type) {
	case *ast.AssignStmt:
		changed = n.Lhs
	case *ast.IncDecStmt:
		changed = []ast.Expr{n.X}
	case *ast.RangeStmt:
		changed = []ast.Expr{n.Key, n.Value}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			changed = []ast.Expr{n.X}
		}
	case *ast.SelectorExpr:
		opens := []string{"Open", "OpenDB", "Register", "Drivers"}
		x, _ := n.X.(*ast.Ident)
		if x != nil && imported[x.Name] == "database/sql" && slices.Contains(opens, n.Sel.Name) {
			no(n.Pos(), "opens another database")
		}
	case *ast.FuncDecl:
		if n.Recv != nil && (n.Name.Name == "Is" || n.Name.Name == "As") {
			no(n.Pos(), "a method %s answers in the place of package errors", n.Name.Name)
		}
	}
	for _, x := range changed {
		if name := owner(x, imported); name != "" {
			no(x.Pos(), "changes a variable of package %s", name)
		}
	}
}

// owner returns the name of the imported package to which a variable belongs.
func owner(x ast.Expr, imported map[string]string) string {
	for {
		switch e := x.(type) {
		case *ast.SelectorExpr:
			x = e.X
		case *ast.IndexExpr:
			x = e.X
		case *ast.StarExpr:
			x = e.X
		case *ast.ParenExpr:
			x = e.X
		case *ast.Ident: // one that the file does not declare is a package's name
			if e.Obj == nil && imported[e.Name] != "" {
				return e.Name
			}
			return ""
		default:
			return ""
		}
	}
}

func pathOf(spec *ast.ImportSpec) string {
	path, _ := strconv.Unquote(spec.Path.Value) // the parser has looked at it
	return path
}

// declared returns what a declaration declares, by name.
func declared(d ast.Decl) map[string]declaration {
	found := map[string]declaration{}
	switch d := d.(type) {
	case *ast.FuncDecl:
		head, name := *d, d.Name.Name
		head.Doc, head.Body = nil, nil
		if d.Recv != nil {
			name = print(d.Recv.List[0].Type) + "." + name
		}
		found[name] = declaration{print(&head), print(d.Body)}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				found[s.Name.Name] = declaration{head: print(s.Type)}
			case *ast.ValueSpec:
				for i, name := range s.Names {
					text := d.Tok.String() + " " + print(s.Type)
					if i < len(s.Values) {
						text += " = " + print(s.Values[i])
					}
					found[name.Name] = declaration{head: text}
				}
			}
		}
	}
	return found
}

// print returns a node as gofmt would write it, without comments.
func print(n any) string {
	var b bytes.Buffer
	if n != nil {
		_ = printer.Fprint(&b, token.NewFileSet(), n) // a node of the parser's is a good one
	}
	return b.String()
}
