package sim

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
)

// watchdog is how long one run may take in real time. A mutex that is held
// across a call keeps a run from ever becoming idle.
const watchdog = 30 * time.Second

// Stage is a variant of a chapter, ready to be run many times.
type Stage struct {
	chapter lab.Chapter
	variant lab.Variant
	dir     string
	images  map[string]image
	before  lab.Ledger

	without  []fault.Kind
	lengths  map[string]map[string]int // what was foreseen: a run's lengths, by its name
	uncured  bool                      // also a log that was written anew is lost
	restless bool                      // nothing ever sleeps: every schedule is played
	inTurn   bool                      // reads wait for their turn in every race
	sharing  bool                      // two updates may share a commit
	unasked  bool                      // no client asks again at rest
	oneOf    int                       // explores one of so many faults of a kind; 0 means each
	pairOf   int                       // explores one of so many pairs; 0 means each
	until    string                    // the invariant whose breaking ends an exploration
	away     absence
}

// Run is the record of one run.
type Run struct {
	Plan     []fault.Fault
	Events   []event.Event
	Passed   []fault.Point
	Offers   []fault.Offer
	Unfired  []fault.Fault
	Told     []lab.Answer
	After    lab.Ledger
	Findings []lab.Finding
	Choices  []int          // the number of orders at each choice between some
	Runners  bool           // some services work in the background
	lengths  map[string]int // statements of each transaction, by its point
	Grouped  bool           // two updates have shared a commit
	Again    bool           // a run before it differs only in the order of what is independent
}

// NewStage makes the databases of a variant once, in a temporary directory;
// each run begins with a copy of them.
func NewStage(t *testing.T, c lab.Chapter, v lab.Variant) *Stage {
	t.Helper()
	s := &Stage{
		chapter: c, variant: v, dir: t.TempDir(),
		images: map[string]image{}, lengths: map[string]map[string]int{},
	}
	path := func(service string) string { return filepath.Join(s.dir, service+".db") }
	for _, service := range v.Services {
		if !service.HasDatabase() {
			continue
		}
		config := sqlite.Config{Path: path(service.Name), Schema: service.Schema}
		db, err := sqlite.Open(t.Context(), config)
		if err == nil {
			err = db.Close()
		}
		if err != nil {
			t.Fatalf("make the database of %s: %v", service.Name, err)
		}
		s.images[service.Name] = read(path(service.Name))
	}
	before, err := lab.ReadLedger(t.Context(), v, lab.Files(path))
	if err != nil {
		t.Fatal(err)
	}
	s.before = before
	return s
}

// Run plays a scenario under a plan of faults, with the orders' durable writes
// interleaved as schedule says. It fails t only if the laboratory itself fails.
func (s *Stage) Run(
	t *testing.T, scenario lab.Scenario, schedule []int, plan ...fault.Fault,
) (r Run) {
	t.Helper()
	dog := time.AfterFunc(s.away.watchdog(), func() {
		const stuck = "%s, %s, %v: not idle after %v of real time: is a mutex held across a call?"
		panic(fmt.Sprintf(stuck, s.variant.Name, scenario.Name, plan, watchdog))
	})
	defer dog.Stop()
	expected := s.foresee(t, scenario, schedule, plan)
	dir, err := os.MkdirTemp(s.dir, "run")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		w := &world{
			variant: s.variant, dir: dir, turns: s.turns(scenario, schedule),
			released: scenario.Release, uncured: s.uncured,
			director:  fault.NewDirector(lab.Client, len(scenario.Orders) > 1, plan...),
			processes: map[string]*process{}, pausedTo: map[string]time.Time{},
			cutAtRest: map[string]bool{}, lives: map[string]int{}, wake: make(chan struct{}, 1),
		}
		w.director.Expect(expected)
		r, err = s.play(t.Context(), w, scenario)
		r.Plan = plan
	})
	if err := errors.Join(err, os.RemoveAll(dir)); err != nil {
		t.Fatalf("%s, %s, %v: %v", s.variant.Name, scenario.Name, plan, err)
	}
	return r
}

// play is a run, inside its bubble.
func (s *Stage) play(ctx context.Context, w *world, scenario lab.Scenario) (r Run, err error) {
	for _, service := range s.variant.As(scenario.Version).Services {
		if service.HasDatabase() {
			if err := s.images[service.Name].write(w.file(service.Name)); err != nil {
				return r, err
			}
		}
		if w.processes[service.Name], err = w.start(ctx, service, nil); err != nil {
			return r, err
		}
	}
	s.away.begin(w)
	clients, leave := context.WithCancel(ctx)
	told := w.place(clients, scenario)
	defer leave()
	if err = w.run(ctx, nil); err == nil {
		r.Told = told()
		err = s.judge(ctx, w, scenario, &r)
	}
	w.end()
	leave()
	told()
	_ = os.RemoveAll(w.dir) // SQLite moves no log into a database that is gone
	for _, p := range w.processes {
		if !p.dead {
			err = errors.Join(err, p.stop())
		}
	}
	for _, p := range w.dead {
		err = errors.Join(err, p.stop())
	}
	r.lengths = w.director.Lengths()
	return r, err
}

// place sends all orders of a scenario. The function that it returns waits for
// what their clients were told.
func (w *world) place(ctx context.Context, scenario lab.Scenario) func() []lab.Answer {
	var told []lab.Answer
	var all sync.WaitGroup
	all.Go(func() {
		told = scenario.Place(func(o lab.Order) []lab.Answer {
			change := func() error { return w.change(ctx, scenario.Change) }
			return scenario.Client(ctx, o, w.ask, change)
		})
	})
	return func() []lab.Answer {
		all.Wait()
		return told
	}
}
