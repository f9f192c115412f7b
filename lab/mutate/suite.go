package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/dtx/lab"
)

// suite is a chapter's tests.
type suite struct {
	dir      string // the place of what is built
	chapter  string // the import path of its program
	steps    []*step
	overlay  string        // the code with its mutants, as go's -overlay wants it
	patience time.Duration // the shortest time after which a program is stopped
}

// step is a part of the tests, in one program.
type step struct {
	pkg     string   // the import path
	deps    []string // the packages that the program is made of
	flags   []string
	environ []string // what the environment of the program has besides, as name=value
	real    bool     // whether it starts real processes: a failure has to repeat

	once    sync.Once
	program string        // the file that has all mutants in it
	wrong   string        // a test that it fails unchanged: the step is left out
	took    time.Duration // its time, unchanged
	err     error         // why its first run could not be made
}

// newSuite finds a chapter's tests. The cheap ones come first: those of single packages
// and the chapter's short ones, then the exploration of single faults, up to the first
// damage, then, if the suite is not to be quick, the chapter's other tests. The patches of
// mistakes are left out: their programs have none of the mutants. So are the runs that are
// played again: they judge the laboratory.
func newSuite(ctx context.Context, chapter string, o options) (*suite, error) {
	const form = `{{.ImportPath}} {{join .Deps " "}}`
	list := exec.CommandContext(ctx, "go", "list", "-test", "-f", form, "./"+chapter+"/...")
	said, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	s := &suite{chapter: path.Join(module(), chapter), patience: o.patience}
	share := fmt.Sprintf("GOMAXPROCS=%d", max(1, runtime.NumCPU()/o.atOnce))
	explore := &step{pkg: s.chapter}
	explore.flags = []string{"-test.run=^TestEveryFault$"}
	explore.environ = []string{
		share, lab.ExploreVariable + "=1", lab.UntilVariable + "=" + lab.AnyInvariant,
	}
	short := &step{pkg: s.chapter, environ: []string{share}}
	short.flags = []string{"-test.short", "-test.skip=Mistake|EveryFault|SameFaults|Real|Outlast"}
	rest := &step{pkg: s.chapter, environ: []string{share}, real: true}
	rest.flags = []string{"-test.skip=Mistake|EveryFault|SameFaults"}
	for line := range strings.Lines(string(said)) {
		words := strings.Fields(line)
		pkg, ok := strings.CutSuffix(words[0], ".test")
		switch {
		case !ok:
		case pkg == s.chapter:
			short.deps, explore.deps, rest.deps = words, words, words
		default:
			s.steps = append(s.steps, &step{pkg: pkg, deps: words, environ: []string{share}})
		}
	}
	s.steps = append(s.steps, short, explore)
	if !o.quick {
		s.steps = append(s.steps, rest)
	}
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
