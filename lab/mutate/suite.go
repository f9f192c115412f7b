package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"time"
)

// suite is a chapter's tests.
type suite struct {
	dir      string // the place of what is built
	steps    []*step
	patience time.Duration // the shortest time after which a program is stopped
}

// step is a part of the tests, in one program.
type step struct {
	pkg   string   // the import path
	deps  []string // the packages that the program is made of
	flags []string
	real  bool          // whether it starts real processes: a failure has to repeat
	plain string        // the unchanged program, once it has run
	wrong string        // a test that the unchanged program fails: the step is left out
	took  time.Duration // the time of the unchanged program
}

// newSuite finds a chapter's tests. The cheap ones come first: the exploration of single
// faults, those of single packages, the chapter's other tests. The patches of mistakes
// are left out: their programs have none of the mutants.
func newSuite(ctx context.Context, chapter string, patience time.Duration) (*suite, error) {
	const form = `{{.ImportPath}} {{join .Deps " "}}`
	list := exec.CommandContext(ctx, "go", "list", "-test", "-f", form, "./"+chapter+"/...")
	said, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	s := &suite{patience: patience}
	whole := &step{pkg: path.Join(module(), chapter), real: true}
	whole.flags = []string{"-test.skip=Mistake"}
	for line := range strings.Lines(string(said)) {
		words := strings.Fields(line)
		pkg, ok := strings.CutSuffix(words[0], ".test")
		switch {
		case !ok:
		case pkg == whole.pkg:
			whole.deps = words
			short := []string{"-test.short", "-test.run=^TestEveryFault$"}
			s.steps = slices.Insert(s.steps, 0, &step{pkg: pkg, deps: words, flags: short})
		default:
			s.steps = append(s.steps, &step{pkg: pkg, deps: words})
		}
	}
	s.steps = append(s.steps, whole)
	s.dir, err = os.MkdirTemp("", "dtx")
	return s, err
}

// of returns the steps that a package has a part in, its own tests first.
func (s *suite) of(pkg string) (own []*step) {
	var others []*step
	for _, t := range s.steps {
		switch {
		case t.pkg == pkg:
			own = append(own, t)
		case slices.Contains(t.deps, pkg):
			others = append(others, t)
		}
	}
	return append(own, others...)
}

func (s *suite) close() error { return os.RemoveAll(s.dir) }
