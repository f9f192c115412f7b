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
	Startup  time.Duration // time to the first answer
	Rest     int64         // memory after it, in bytes; zero if not measured
	Busy     int64         // memory under load
	Loads    []Load
}

const (
	starts  = 3
	passes  = 2
	workers = 4
	backlog = 1_000_000
)

// Bench is where implementations are compared.
type Bench struct {
	Targets []target.Target // the first is the measure of the others
	Dir     string          // folder for databases
	Long    time.Duration   // duration of each load
	Say     func(format string, args ...any)
}

// Compare puts all targets through everything. They take turns at each load, so
// that a bad moment of the machine meets all of them.
func (b Bench) Compare(ctx context.Context) ([]Figures, error) {
	all := make([]Figures, len(b.Targets))
	for i, t := range b.Targets {
		all[i] = Figures{Target: t.Name, Versions: t.Versions}
		b.Say("%s: starting it %d times", t.Name, starts)
		for n := range starts {
			if err := all[i].start(ctx, t, b.database(t, fmt.Sprintf("start-%d", n))); err != nil {
				return nil, err
			}
		}
	}
	for pass := range passes {
		for round, loads := range rounds() {
			if err := b.put(ctx, loads, fmt.Sprintf("%d-%d", pass, round), all); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// load is a workload for so many clients.
type load struct {
	Workload
	clients int
}

// rounds are the loads that processes meet one after the other. A load that
// leaves something behind has processes, and empty databases, of its own.
func rounds() [][]load {
	list := [][]load{nil}
	for _, w := range Workloads() {
		for _, n := range Clients() {
			if w.fills {
				list = append(list, []load{{w, n}})
			} else {
				list[0] = append(list[0], load{w, n})
			}
		}
	}
	return list
}

func (b Bench) database(t target.Target, what string) string {
	return filepath.Join(b.Dir, t.Name+"-"+what+".db")
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

// put starts all targets, and lets them take turns at each load.
func (b Bench) put(ctx context.Context, loads []load, round string, all []Figures) error {
	var running []*target.Process
	defer func() {
		for _, p := range running {
			p.Kill() // what is still in the queue is not needed
		}
	}()
	for _, t := range b.Targets {
		p, err := t.Start(ctx, target.Settings{
			Database: b.database(t, round), Workers: workers, Backlog: backlog,
		})
		if err != nil {
			return err
		}
		running = append(running, p)
	}
	for _, w := range loads {
		for i, p := range running {
			b.Say("%s, %d at a time: %s", w.Name, w.clients, b.Targets[i].Name)
			l, err := w.Put(ctx, p.URL, w.clients, b.Long)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", w.Name, b.Targets[i].Name, err)
			}
			busy, err := used(p)
			if err != nil {
				return err
			}
			all[i].keep(l, busy)
			if w.fills {
				p.Kill() // else it works on while the next has its turn
			}
		}
	}
	return nil
}

// keep keeps the better of two passes: in the other one, the machine had
// something else to do.
func (f *Figures) keep(l Load, busy int64) {
	f.Busy = max(f.Busy, busy)
	i := slices.IndexFunc(f.Loads, func(k Load) bool {
		return k.Workload == l.Workload && k.Clients == l.Clients
	})
	switch {
	case i < 0:
		f.Loads = append(f.Loads, l)
	case f.Loads[i].Rate < l.Rate:
		f.Loads[i] = l
	}
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
	i := slices.IndexFunc(f.Loads, func(l Load) bool {
		return l.Workload == workload && l.Clients == clients
	})
	if i < 0 {
		return Load{}
	}
	return f.Loads[i]
}
