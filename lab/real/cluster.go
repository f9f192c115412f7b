package real

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"example.com/dtx/lab"
	"example.com/dtx/lab/customer"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
)

// Cluster is a variant in real processes: each service runs this program again,
// on a database file of its own, and is killed where a plan says so.
type Cluster struct {
	variant lab.Variant
	exe     string
	dir     string
	stay    bool   // a dead process is not started again
	release string // the version that comes back
	before  lab.Ledger
	client  *http.Client
	files   sync.RWMutex // locked while a process opens its database: its ledger is not read then

	unwatched bool              // the laboratory stands at no boundary
	seed      map[string]string // see Options

	mu        sync.Mutex // guards what follows
	changed   chan struct{}
	director  *fault.Director
	processes map[string]*process
	pausedTo  map[string]time.Time
	cutAtRest map[string]bool // services whose power is cut when all is at rest
	held      []*held         // requests that the network keeps until all is at rest
	ended     []Process
	asking    int      // clients that have not all their answers: see Asking
	broken    error    // why the laboratory itself cannot go on
	zombie    *process // nil if none was taken for dead
	starting  bool     // its successor is: nothing else passes the laboratory
	successor *process // nil if it has written, or has had the time to
	closing   bool
	reviving  sync.WaitGroup // restarts under way; none begins when it is closing

	// between, if a test sets it, is called before a ruling is answered.
	between func(*process, fault.Step, fault.Ruling)
}

// Process is what is known of a service's process.
type Process struct {
	Service string
	PID     int
	Addr    string        // where it listens
	Startup time.Duration // the time until it was ready to serve
	Usage   Usage         // known when it has ended in good order
}

// Options say how a cluster runs.
type Options struct {
	Plan     []fault.Fault
	Program  string         // path of the services' program (source.Build); empty: this one
	Keys     bool           // label messages with the order they are about
	StayDown bool           // what has died is not started again
	Release  string         // the version as which a service comes back, if it has one of that name
	Lengths  map[string]int // statements of each transaction: a plan may name the last one
	// Unwatched leaves the laboratory out, for a measurement: the services find each other
	// without it, their files lie on the real disk, and one that dies breaks the cluster.
	Unwatched bool
	Seed      map[string]string // statements that follow the schema of the service of that name
}

// Start runs a variant's services, each until Close.
func Start(ctx context.Context, v lab.Variant, o Options) (*Cluster, error) {
	exe, err := programOr(o.Program)
	if err != nil {
		return nil, err
	}
	folder := ""
	if o.Unwatched {
		folder = lab.Disk()
	}
	dir, err := os.MkdirTemp(folder, "dtx")
	if err != nil {
		return nil, fmt.Errorf("make a directory for the databases: %w", err)
	}
	c := &Cluster{
		variant: v, exe: exe, dir: dir, stay: o.StayDown, release: o.Release,
		unwatched: o.Unwatched, seed: o.Seed,
		director:  fault.NewDirector(lab.Client, o.Keys, o.Plan...),
		processes: map[string]*process{},
		changed:   make(chan struct{}),
		pausedTo:  map[string]time.Time{},
		cutAtRest: map[string]bool{},
	}
	c.variant = c.audited(v)
	c.director.Expect(o.Lengths)
	if c.client = freeClient(c.find); !c.unwatched {
		c.client = httpClient(outside{c}, lab.Client, c.find)
	}
	started := make([]error, len(v.Services))
	var all sync.WaitGroup
	for i, s := range v.Services {
		all.Go(func() { started[i] = c.launch(ctx, s) })
	}
	all.Wait()
	if err := errors.Join(started...); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	if c.before, err = c.Ledger(ctx); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// file is where a service has its database.
func (c *Cluster) file(service string) string { return filepath.Join(c.dir, service+".db") }

// launch starts a service and waits until it is ready. From then on it stands
// under its name.
func (c *Cluster) launch(ctx context.Context, s lab.Service) error {
	p, err := c.spawn(ctx, s)
	if err != nil {
		return fmt.Errorf("start %s: %w", s.Name, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.processes[s.Name] = p
	if s.HasDatabase() {
		c.director.Owns(s.Name)
	}
	close(p.placed)
	c.signal()
	return nil
}

// signal wakes those who wait for a change. The caller holds mu.
func (c *Cluster) signal() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// await waits until a condition on the guarded state holds.
func (c *Cluster) await(ctx context.Context, holds func() bool) error {
	for {
		c.mu.Lock()
		ok, err, changed := holds(), c.broken, c.changed
		c.mu.Unlock()
		if err != nil {
			return err
		}
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// find returns where a service listens.
func (c *Cluster) find(name string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.reached(name)
	if p == nil || p.dead {
		return "", fmt.Errorf("%s: connection refused", name)
	}
	p.found++
	return p.addr, nil
}

// Place orders as a customer's program does, and returns what it was told.
func (c *Cluster) Place(ctx context.Context, o lab.Order, tries int) []lab.Answer {
	return customer.Place(ctx, c.client, c.variant.Services[0].Name, o, tries)
}

// Client finds the services under their names, as http://stock/items.
func (c *Cluster) Client() *http.Client { return c.client }

// RestPatience is how long Settle waits for background work that shows no progress; and
// longPatience, if requests wait until something happens, how long that takes when one of
// them is lost.
const (
	RestPatience = 10 * time.Second
	longPatience = 30 * time.Second
)

func patienceWith(v lab.Variant) time.Duration {
	if len(v.Waits) > 0 {
		return longPatience
	}
	return RestPatience
}

// Settle waits until all is at rest: no client asks, every process is up and serves nothing,
// background work has left nothing stuck and commits nothing, or gets no further,
// and the network holds no request back.
func (c *Cluster) Settle(ctx context.Context) error {
	for {
		if err := c.await(ctx, c.resting); err != nil {
			return fmt.Errorf("wait for rest: %w", err)
		}
		if progress, err := c.progress(ctx); err != nil {
			return fmt.Errorf("wait for rest: %w", err)
		} else if progress {
			continue
		}
		if c.wakeZombie() {
			continue
		}
		h := c.nextHeld()
		if h == nil && (c.cutPowerAtRest() || c.awaitDisks(ctx)) {
			continue
		}
		if h == nil {
			return nil
		}
		close(h.free)
		if err := c.await(ctx, func() bool { return h.done }); err != nil {
			return fmt.Errorf("deliver what was held back: %w", err)
		}
	}
}

// resting tells whether no client asks, and every process is up and serves nothing, or
// sleeps. The caller holds mu.
func (c *Cluster) resting() bool {
	if c.asking > 0 {
		return false
	}
	for _, p := range c.processes {
		if p.asleep {
			continue
		}
		if p.serving > 0 || p.ending && !p.dead || p.dead && !c.stay {
			return false
		}
	}
	return true
}

// writing tells whether a commit is under way. The caller holds mu.
func (c *Cluster) writing() bool {
	for _, p := range c.processes {
		if p.writing > 0 {
			return true
		}
	}
	return false
}

// progress waits for a change if something is stuck in the databases, or they
// cannot be read just now, or are being written: a commit shows in a database
// before its process tells of it. It returns false if nothing is to be waited for.
func (c *Cluster) progress(ctx context.Context) (bool, error) {
	c.mu.Lock()
	changed := c.changed
	c.mu.Unlock()
	l, err := c.Ledger(ctx)
	c.mu.Lock()
	writing, resting := c.writing(), c.resting()
	c.mu.Unlock()
	if !resting {
		return true, nil
	}
	if err == nil && len(l.Stuck) == 0 && !writing {
		return false, nil
	}
	timeout := time.NewTimer(patienceWith(c.variant))
	defer timeout.Stop()
	select {
	case <-changed:
		return true, nil
	case <-timeout.C:
		return false, err
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// Events returns the record so far.
func (c *Cluster) Events() []event.Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.director.Events()
}

// Ledger reads what the databases say now.
func (c *Cluster) Ledger(ctx context.Context) (all lab.Ledger, err error) {
	parts, err := c.Ledgers(ctx)
	for _, part := range parts {
		all.Add(part)
	}
	return all, err
}

// Ledgers reads what the databases say now, each for itself, in the order of the services.
func (c *Cluster) Ledgers(ctx context.Context) (parts []lab.Ledger, err error) {
	c.files.RLock()
	defer c.files.RUnlock()
	for _, s := range c.variant.Services {
		part, err := s.ReadLedger(ctx, lab.Files(c.file))
		if err != nil {
			return nil, fmt.Errorf("audit %s: %w", s.Name, err)
		}
		parts = append(parts, part)
	}
	return parts, nil
}

// Processes lists the processes that run, and those that have ended.
func (c *Cluster) Processes() []Process {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := append([]Process(nil), c.ended...)
	for _, s := range c.variant.Services {
		if p := c.processes[s.Name]; p != nil && !p.dead && !p.foreign {
			list = append(list, p.about)
		}
	}
	return list
}

// Close ends every process in good order, and removes their files.
func (c *Cluster) Close() error {
	c.mu.Lock()
	c.closing = true
	c.signal()
	c.mu.Unlock()
	c.reviving.Wait()
	c.client.CloseIdleConnections()
	c.mu.Lock()
	var alive []*process
	for _, p := range c.processes {
		alive = append(alive, p)
	}
	c.mu.Unlock()
	var all sync.WaitGroup
	for _, p := range alive {
		all.Go(p.end)
	}
	all.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	return errors.Join(c.broken, os.RemoveAll(c.dir))
}
