package main

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "example.com/dtx/"

// chapterOf returns the folder of the chapter that a package belongs to; empty if to none.
func chapterOf(importPath string) string {
	path, ours := strings.CutPrefix(importPath, module)
	folder, _, _ := strings.Cut(path, "/")
	if ours && strings.HasPrefix(folder, "ch") {
		return folder
	}
	return ""
}

func TestAChapterImportsNoOtherAndItsServicesNotTheLaboratory(t *testing.T) {
	const wanted = "-json=ImportPath,Name,Imports,TestImports,XTestImports"
	list := exec.CommandContext(t.Context(), "go", "list", wanted, "./ch...")
	said, err := list.Output()
	require.NoError(t, err)
	packages := 0
	for text := json.NewDecoder(strings.NewReader(string(said))); ; packages++ {
		var p struct {
			ImportPath, Name                   string
			Imports, TestImports, XTestImports []string
		}
		if err := text.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		for _, other := range p.Imports {
			if p.Name != "main" && strings.HasPrefix(other+"/", module+"lab/") {
				const rule = "%s imports %s: only package main and tests may"
				t.Errorf(rule, p.ImportPath, other)
			}
		}
		for _, other := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if c := chapterOf(other); c != "" && c != chapterOf(p.ImportPath) {
				t.Errorf("%s imports %s, of another chapter", p.ImportPath, other)
			}
		}
	}
	require.NotZero(t, packages)
}

// TestEachTestEveryExplores looks at the tests that -explore and -mistake run.
func TestEachTestEveryExplores(t *testing.T) {
	files, err := filepath.Glob("ch*/*_test.go")
	require.NoError(t, err)
	explore := 0
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		require.NoError(t, err)
		for _, declared := range file.Decls {
			f, isFunc := declared.(*ast.FuncDecl)
			if !isFunc || !strings.HasPrefix(f.Name.Name, "TestEvery") {
				continue
			}
			if explore++; !reports(f) {
				const rule = "%s: %s calls neither sim.EveryFault nor sim.OneFaultOf, and " +
					"publishes no report: -explore would run it, so give it another name"
				t.Errorf(rule, path, f.Name.Name)
			}
		}
	}
	require.NotZero(t, explore)
}

// reports tells whether a test calls a function of sim that publishes a report.
func reports(test *ast.FuncDecl) (found bool) {
	ast.Inspect(test, func(n ast.Node) bool {
		if s, isSelector := n.(*ast.SelectorExpr); isSelector {
			of, isName := s.X.(*ast.Ident)
			publishes := []string{"EveryFault", "OneFaultOf", "Publish"}
			found = found || isName && of.Name == "sim" && slices.Contains(publishes, s.Sel.Name)
		}
		return true
	})
	return found
}
