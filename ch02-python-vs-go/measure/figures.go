package measure

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"example.com/dtx/ch02-python-vs-go/target"
)

// Figures are what was measured of one implementation.
type Figures struct {
	Target   string
	Versions string
	Startup  time.Duration // to the first answer
	Rest     int64         // memory after it, in bytes; zero if not measured
	Busy     int64         // memory under load
	Loads    []Load
}

const (
	starts  = 3
	workers = 4
	backlog = 1_000_000
)

// Measure puts a target through everything; each load takes so long. Databases
// go to dir. It says what it is about to do.
func Measure(ctx context.Context, t target.Target, dir string, long time.Duration, say func(format string, args ...any)) (f Figures, err error) {
	f = Figures{Target: t.Name, Versions: t.Versions}
	say("%s: starting it %d times", t.Name, starts)
	for i := range starts {
		if err := f.start(ctx, t, filepath.Join(dir, fmt.Sprintf("%s-start-%d.db", t.Name, i))); err != nil {
			return f, err
		}
	}
	for _, w := range Workloads() {
		all := [][]int{Clients()}
		if w.fills { // then each load begins with an empty database
			all = slices.Collect(slices.Chunk(Clients(), 1))
		}
		for i, clients := range all {
			if err := f.put(ctx, t, w, clients, filepath.Join(dir, fmt.Sprintf("%s-%s-%d.db", t.Name, w.Name, i)), long, say); err != nil {
				return f, fmt.Errorf("%s: %s: %w", t.Name, w.Name, err)
			}
		}
	}
	return f, nil
}

// start keeps the shortest time: the others are those in which the machine had
// something else to do.
func (f *Figures) start(ctx context.Context, t target.Target, database string) error {
	p, err := t.Start(ctx, target.Settings{Database: database, Workers: workers})
	if err != nil {
		return err
	}
	if f.Startup == 0 || p.Startup < f.Startup {
		f.Startup = p.Startup
	}
	f.Rest, err = used(p)
	return errors.Join(err, p.Stop())
}

// put loads a process of its own with so many clients, and then with so many.
func (f *Figures) put(ctx context.Context, t target.Target, w Workload, clients []int, database string, long time.Duration, say func(format string, args ...any)) error {
	p, err := t.Start(ctx, target.Settings{Database: database, Workers: workers, Backlog: backlog})
	if err != nil {
		return err
	}
	defer p.Kill() // what is still in the queue, nobody needs
	for _, n := range clients {
		say("%s: %s, %d at a time", t.Name, w.Name, n)
		l, err := w.Put(ctx, p.URL, n, long)
		if err != nil {
			return err
		}
		f.Loads = append(f.Loads, l)
	}
	busy, err := used(p)
	f.Busy = max(f.Busy, busy)
	return err
}

// used is zero where memory cannot be measured.
func used(p *target.Process) (int64, error) {
	n, err := p.Memory()
	if errors.Is(err, target.ErrNotMeasured) {
		return 0, nil
	}
	return n, err
}

// Load returns what was measured under a load.
func (f Figures) Load(workload string, clients int) Load {
	i := slices.IndexFunc(f.Loads, func(l Load) bool { return l.Workload == workload && l.Clients == clients })
	if i < 0 {
		return Load{}
	}
	return f.Loads[i]
}
