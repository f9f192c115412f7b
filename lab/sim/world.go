// Package sim runs a chapter's services in one test process: real code and real
// SQLite files, an in-memory network, and time that costs nothing
// (testing/synctest). A run is deterministic: the same plan gives the same
// events.
//
// Every use of a boundary parks. When all goroutines are blocked, the world
// lets exactly one of the parked go on, in the order of their names, or as a
// schedule says. When none can go on, time passes.
package sim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing/synctest"
	"time"

	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
)

const (
	rebootTime = 50 * time.Millisecond // a dead process is up again after this time
	quiet      = 30 * time.Second      // nothing has happened for so long: the world is at rest
	maxRun     = 10 * time.Minute      // what is not at rest then is judged as it is
	maxStops   = 20_000                // a run that needs more goes in circles
)

// ErrDead is what a dead process gets from every boundary.
var ErrDead = errors.New("the process is dead")

var (
	errRefused = errors.New("connection refused")
	errReset   = errors.New("connection reset by peer")
)

// world is one run.
type world struct {
	variant  lab.Variant
	dir      string
	released string // the version that comes back
	uncured  bool   // a log is taken for the same file when it is not
	turns

	mu        sync.Mutex // guards what follows; it is never held while waiting
	director  *fault.Director
	processes map[string]*process
	dead      []*process
	lives     map[string]int // the number of lives of each service that have ended
	parked    []*parked
	pausedTo  map[string]time.Time
	cutAtRest map[string]bool // services whose power is cut when all is at rest
	stops     int
	last      [4]fault.Stop // the last one of number n is at n % 4
	mostStops int
	longest   time.Duration // a run
	runners   bool          // some services work in the background
	zombie    *process      // nil if none was taken for dead
	over      bool          // no goroutine parks any more
	busy      time.Time     // the last sign of work, if requests wait until something happens
	changed   []lab.Balance // what changes of the world have added, or taken
	wake      chan struct{}
}

// parked is a goroutine that stands at a boundary.
type parked struct {
	fault.Stop
	name    string
	process *process // nil for the client and for the network
	order   string   // what a client wants, or the id of a run: it tells equal stops apart
	from    time.Time
	ruling  chan outcome
}

type outcome struct {
	fault.Ruling
	err error
}

// pass parks the caller until the world lets it go on.
func (w *world) pass(p *process, order string, s fault.Stop) (fault.Ruling, error) {
	k := &parked{Stop: s, process: p, order: order, from: time.Now(), ruling: make(chan outcome, 1)}
	w.mu.Lock()
	k.rename()
	if w.over || p != nil && p.dead && s.Step != fault.Held {
		w.mu.Unlock()
		return fault.Ruling{}, ErrDead
	}
	w.parked = append(w.parked, k)
	w.mu.Unlock()
	w.poke()
	o := <-k.ruling
	return o.Ruling, o.err
}

// poke says that something has happened.
func (w *world) poke() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// run releases the parked one by one until the world is at rest, or done is closed.
func (w *world) run(ctx context.Context, done <-chan struct{}) error {
	w.busy = time.Now()
	for began := w.busy; ctx.Err() == nil && time.Since(began) < w.longest; {
		synctest.Wait()
		if isClosed(done) {
			return nil
		}
		if hasChanged, err := w.tend(ctx); err != nil {
			return err
		} else if hasChanged {
			w.busy = time.Now()
			continue // all goroutines notice before anything goes on
		}
		k, until := w.next()
		var err error
		switch {
		case k != nil && w.stops > w.mostStops:
			return w.restless(time.Since(began))
		case k != nil:
			err = w.release(ctx, k)
		case w.idle(until, done) || w.wakeZombie():
		default:
			if k = w.held(); k != nil {
				err = w.release(ctx, k)
			} else if !w.cutPower() {
				return nil
			}
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// restless is the error of a run that goes in circles. It has taken so much of its own time.
func (w *world) restless(virtual time.Duration) error {
	const text = "no rest after %d stops in %v of the run's time: " +
		"does something try again without a pause? The last stops: %s"
	var last []string
	for i := range w.last {
		s := w.last[(w.stops+1+i)%len(w.last)]
		last = append(last, fmt.Sprintf("%s: %s", s.Point.Base(), s.Step))
	}
	return fmt.Errorf(text, w.mostStops, virtual, strings.Join(last, "; "))
}

// idle lets time pass until a goroutine parks or something falls due. It returns
// false when nothing did: the world is at rest.
func (w *world) idle(until time.Time, done <-chan struct{}) bool {
	rest := w.rest()
	if !until.IsZero() {
		rest = until
	}
	timer := time.NewTimer(time.Until(rest))
	defer timer.Stop()
	select {
	case <-w.wake:
		return true
	case <-done:
		return true
	case <-timer.C:
		return !until.IsZero()
	}
}

// rest says when the world is at rest if nothing happens. What waits until something
// happens goes on waiting: it is not counted.
func (w *world) rest() time.Time {
	if len(w.variant.Waits) == 0 {
		return time.Now().Add(quiet)
	}
	return w.busy.Add(quiet)
}

// next picks who goes on, or says when there will be something to do.
func (w *world) next() (pick *parked, until time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	due := func(t time.Time) {
		if t.After(now) && (until.IsZero() || t.Before(until)) {
			until = t
		}
	}
	var ready []*parked
	w.open()
	for _, k := range w.parked {
		if k.sleeps() || k.Step == fault.Receiving && k.process.starting {
			continue
		}
		from := k.from
		if pause := w.pausedTo[k.Point.Service]; pause.After(from) && k.process != nil {
			from = pause
		}
		due(from)
		if k.Step != fault.Held && !from.After(now) {
			ready = append(ready, k)
		}
	}
	for _, p := range w.processes {
		due(p.rebootAt)
		due(p.endBy)
	}
	due(w.director.HealedAt())
	if len(ready) == 0 {
		return nil, until
	}
	return w.choose(ready), until
}

// open lets requests into the processes that have started: their background work has
// committed, or waits for something else. Two requests that a service itself lets go at
// the same moment would go on in either order, and no run would be like the last.
func (w *world) open() {
	for _, p := range w.processes {
		p.starting = p.starting && slices.ContainsFunc(w.parked, func(k *parked) bool {
			atWork := k.Step != fault.Receiving && k.Step != fault.Held
			return k.process == p && k.Serving == "" && atWork
		})
	}
}

// held picks a request that the network keeps until all is at rest.
func (w *world) held() *parked {
	w.mu.Lock()
	defer w.mu.Unlock()
	var pick *parked
	for _, k := range w.parked {
		if k.Step == fault.Held && (pick == nil || k.name < pick.name) {
			pick = k
		}
	}
	return pick
}

// release asks the director about a stop and does what it rules.
func (w *world) release(ctx context.Context, k *parked) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stops++
	w.last[w.stops%len(w.last)] = k.Stop
	now := time.Now()
	if k.Step == fault.Committed {
		k.process.starting = false
		k.process.wrote(k.Stop) // before the ruling, which may be a power cut
	}
	ruling, deed := w.director.Rule(k.Stop, now)
	if ruling.InVain() || deed != (fault.Deed{}) || !w.variant.Idles(k.Stop) {
		w.busy = now
	}
	w.sent(k, ruling.Messages)
	switch {
	case deed.Hold > 0:
		k.Point, k.from = ruling.Point, now.Add(deed.Hold)
		if deed.Pause {
			w.pausedTo[k.Point.Service] = k.from
		}
		return nil
	case deed.Replace != "":
		k.Point = ruling.Point
		return w.replace(ctx, deed)
	case deed.Crash != "":
		w.kill(w.processes[deed.Crash], deed.PowerCut)
	case ruling.End:
		k.process.terminate()
		w.mu.Unlock()
		synctest.Wait() // what this ends has ended before the stop goes on
		w.mu.Lock()
	}
	if !slices.Contains(w.parked, k) {
		return nil // it died
	}
	w.parked = slices.DeleteFunc(w.parked, func(other *parked) bool { return other == k })
	k.ruling <- outcome{Ruling: ruling}
	return nil
}

// kill makes a process dead: whatever it does from now on reaches nothing.
func (w *world) kill(p *process, powerCut bool) {
	if p.dead {
		return
	}
	p.die(powerCut)
	if powerCut {
		delete(w.cutAtRest, p.service.Name)
	}
	p.rebootAt = time.Now().Add(w.reboot(p))
	w.dead = append(w.dead, p)
	delete(w.pausedTo, p.name)
	w.parked = slices.DeleteFunc(w.parked, func(k *parked) bool {
		mine := k.process == p && k.Step != fault.Held
		if mine {
			k.ruling <- outcome{err: ErrDead}
		}
		return mine
	})
}

// end sends away all who are still parked, and those who come.
func (w *world) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	for _, k := range w.parked {
		k.ruling <- outcome{err: ErrDead}
	}
	w.parked = nil
}

// tend ends those whose database has failed, and starts what is due. It returns true
// if there were any.
func (w *world) tend(ctx context.Context) (hasChanged bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.variant.Services {
		p := w.processes[s.Name]
		if w.ends(p) {
			hasChanged = true
			continue
		}
		if p.dead && !p.rebootAt.After(time.Now()) {
			hasChanged = true
			next, err := w.restart(ctx, p)
			if err != nil {
				return hasChanged, err
			}
			w.director.Record(lab.Restarted(next.service, w.released))
			w.processes[s.Name] = next
		}
	}
	return w.tendZombie() || hasChanged, nil
}

// restart runs a service on what its dead process has left behind.
func (w *world) restart(ctx context.Context, dead *process) (*process, error) {
	dead.service = w.variant.Released(dead.service, w.released)
	var left *lost
	if !w.haunted(dead.service.Name) {
		w.lives[dead.service.Name]++
		file := w.file(dead.service.Name)
		if dead.db != nil || dead.service.Open != nil {
			if err := dead.disk.write(file); err != nil {
				return nil, err
			}
		}
		left = dead.lost.at(file)
	}
	next, err := w.start(ctx, dead.service, left)
	if err == nil {
		next.quick = dead.quick
	}
	return next, err
}

// file is where a service has its database in its present life.
func (w *world) file(service string) string {
	return filepath.Join(w.dir, fmt.Sprintf("%s-%d.db", service, w.lives[service]))
}

// read is a lab.Reader. What is open is read where it is open: to open each
// database once more for the audit would take a third of a run.
func (w *world) read(ctx context.Context, service string, fn func(*sqlite.Tx) error) error {
	if p := w.processes[service]; !p.dead && !p.failing() && p.endBy.IsZero() {
		return p.db.View(ctx, fn)
	}
	return sqlite.Inspect(ctx, w.file(service), fn)
}

// client is one of the lab's own clients, which are part of no process.
func (w *world) client(o lab.Order) *http.Client {
	return httpClient(w, outside{w, fmt.Sprint(o)}, lab.Client)
}
