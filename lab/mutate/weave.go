package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// variable says, in the environment of a program, which mutant it is. The program has
// all of them, and is the unchanged one if there is no such variable: so there is one
// link for all mutants.
const variable = "MUTANT"

// function is a function that has mutants.
type function struct {
	start, name, body, end int    // where it begins, its name ends, its body begins, it ends
	call                   string // a call of its copy, in which %d is the mutant
	edits                  []edit // names for parameters that have none
}

// edit puts a text in the place of bytes of a file.
type edit struct {
	from, to int
	text     string
}

// apply returns a file after its edits.
func apply(text []byte, edits []edit) []byte {
	slices.SortStableFunc(edits, func(a, b edit) int { return b.from - a.from })
	for _, e := range edits {
		text = slices.Concat(text[:e.from], []byte(e.text), text[e.to:])
	}
	return text
}

// enter returns what is needed to copy a function and to call the copy.
func (g *generator) enter(f *ast.FuncDecl) *function {
	at := func(p token.Pos) int { return g.files.Position(p).Offset }
	in := &function{
		start: at(f.Pos()), name: at(f.Name.End()), body: at(f.Body.Lbrace) + 1, end: at(f.End()),
	}
	if f.Doc != nil {
		in.start = at(f.Type.Func)
	}
	if f.Recv != nil {
		in.call = in.named(f.Recv.List, at)[0] + "."
	}
	in.call += f.Name.Name + "__%d"
	if f.Type.TypeParams != nil {
		in.call += "[" + strings.Join(in.named(f.Type.TypeParams.List, at), ", ") + "]"
	}
	in.call += "(" + strings.Join(in.named(f.Type.Params.List, at), ", ") + ")"
	if f.Type.Results != nil {
		in.call = "return " + in.call
	} else {
		in.call += "; return"
	}
	return in
}

// named returns the names of parameters, as arguments. It gives a name to each that has
// none.
func (in *function) named(list []*ast.Field, at func(token.Pos) int) (names []string) {
	for _, field := range list {
		dots := ""
		if _, ok := field.Type.(*ast.Ellipsis); ok {
			dots = "..."
		}
		if len(field.Names) == 0 {
			name := fmt.Sprintf("p__%d", at(field.Pos()))
			in.edits = append(in.edits, edit{at(field.Pos()), at(field.Pos()), name + " "})
			names = append(names, name+dots)
		}
		for _, n := range field.Names {
			name := n.Name
			if name == "_" {
				name = fmt.Sprintf("p__%d", at(n.Pos()))
				in.edits = append(in.edits, edit{at(n.Pos()), at(n.End()), name})
			}
			names = append(names, name+dots)
		}
	}
	return names
}

// weave writes the files that have mutants, with all of them, those at some places of the
// list, and the file that go's -overlay wants.
func weave(list []mutant, places []int, dir string) (overlay string, err error) {
	files, packages := map[string][]int{}, map[string]string{}
	for _, i := range places {
		pkg, _, _ := strings.Cut(list[i].Func, ".")
		files[list[i].File] = append(files[list[i].File], i)
		packages[path.Dir(list[i].File)] = pkg
	}
	replace := map[string]string{}
	put := func(name string, text []byte) error {
		at, err := filepath.Abs(name)
		if err != nil {
			return err
		}
		replace[at] = filepath.Join(dir, fmt.Sprintf("woven%d.go", len(replace)))
		return os.WriteFile(replace[at], text, 0o600)
	}
	for name, places := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		if err := put(name, woven(text, list, places)); err != nil {
			return "", err
		}
	}
	for folder, pkg := range packages {
		const chosen = "package %s\n\nimport \"os\"\n\nvar mutant__ = os.Getenv(%q)\n"
		text := fmt.Appendf(nil, chosen, pkg, variable)
		if err := put(path.Join(folder, "mutant__.go"), text); err != nil {
			return "", err
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o600)
}

// woven returns a file in which each function calls a copy of itself, if it is chosen. A
// copy says to the compiler that its file is called after the mutant.
func woven(text []byte, list []mutant, places []int) []byte {
	chooses, copies := map[*function]string{}, &bytes.Buffer{}
	for _, i := range places {
		m := list[i]
		chooses[m.in] += fmt.Sprintf("case \"%d\": "+m.in.call+"; ", i, i)
		changed := apply(bytes.Clone(text[:m.in.end]), []edit{
			{m.from, m.to, m.text}, {m.in.name, m.in.name, fmt.Sprintf("__%d", i)},
		})
		fmt.Fprintf(copies, "\n//line mutant%d.go:1\n%s\n", i, changed[m.in.start:])
	}
	var edits []edit
	for in, cases := range chooses {
		edits = append(edits, edit{in.body, in.body, " switch mutant__ { " + cases + "}; "})
		edits = append(edits, in.edits...)
	}
	return append(apply(text, edits), copies.Bytes()...)
}

// refused is how the compiler names a mutant.
var refused = regexp.MustCompile(`mutant(\d+)\.go:\d+`)

// compiles weaves the mutants at some places of the list that the compiler takes. It
// marks the others.
func compiles(
	ctx context.Context, list []mutant, places []int, results []result, dir string,
) (left []int, overlay string, err error) {
	for left = places; len(left) > 0; {
		if overlay, err = weave(list, left, dir); err != nil {
			return nil, "", err
		}
		folders := map[string]bool{}
		for _, i := range left {
			folders["./"+path.Dir(list[i].File)] = true
		}
		args := []string{"build", "-gcflags=-e", "-overlay=" + overlay}
		args = append(args, slices.Sorted(maps.Keys(folders))...)
		said, err := exec.CommandContext(ctx, "go", args...).CombinedOutput()
		if err == nil {
			return left, overlay, nil
		}
		wrong := map[int]bool{}
		for _, found := range refused.FindAllSubmatch(said, -1) {
			i, _ := strconv.Atoi(string(found[1]))
			wrong[i], results[i] = true, uncompiled
		}
		if len(wrong) == 0 {
			return nil, "", fmt.Errorf("go build: %w\n%s", err, said)
		}
		left = slices.DeleteFunc(left, func(i int) bool { return wrong[i] })
	}
	return nil, "", nil
}
