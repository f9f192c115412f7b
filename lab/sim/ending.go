package sim

import (
	"time"

	"example.com/dtx/lab/event"
)

// This file is how a process ends that nothing kills.

const (
	grace      = 3 * time.Second  // requests may go on for so long when their process is to end
	longReboot = 10 * time.Second // the longest pause before a process is started again

	// shutdown is at least how long a server with a folder takes to end and start again. Of
	// its own, it takes some 10 ms more or less each time.
	shutdown = 500 * time.Millisecond
)

// terminate tells the process to end: its background work is cancelled, it
// accepts nothing, and ends what it serves.
func (p *process) terminate() {
	if p.endBy.IsZero() {
		p.endBy = time.Now().Add(grace)
		p.end()
	}
}

// failed tells whether its background work has ended though it was not told to.
func (p *process) failed() bool { return p.hasEnded() && p.early }

// hasEnded tells whether its background work has ended.
func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// mustEnd says why the process ends itself now; nothing if it does not. What it
// serves comes to its end first.
func (p *process) mustEnd() string {
	switch {
	case p.dead || p.closing:
	case !p.endBy.IsZero() && !p.endBy.After(time.Now()):
		return "takes too long to end, and is killed"
	case p.inFlight > 0:
	case p.failing():
		return "ends itself: outcome unknown"
	case p.failed():
		return "ends itself: its background work failed"
	}
	return ""
}

// leave lets a process end that was told to, once it has nothing left to do. It returns
// true if the process has just begun to: its file must not be read while it is closed.
func (p *process) leave() (hasBegun bool) {
	if p.dead || p.closing || p.endBy.IsZero() || p.inFlight > 0 || !p.hasEnded() {
		return false
	}
	p.closing = true
	go func() {
		err := p.stop() // the log goes into the database
		p.world.mu.Lock()
		p.closed, p.err = true, err
		p.world.mu.Unlock()
		p.world.poke()
	}()
	return true
}

// ends lets a process end that has to, or was told to. It returns true if the process
// has just ended itself or begins to end: all notice before the next round.
func (w *world) ends(p *process) bool {
	hasBegun := p.leave()
	if p.closed && !p.dead {
		w.bury(p)
	}
	why := p.mustEnd()
	if why != "" {
		w.director.Record(event.Event{
			Service: p.name, Kind: event.Crash, Data: event.Data{Text: why},
		})
		w.kill(p, false)
	}
	return hasBegun || why != ""
}

// bury notes that a process has ended in good order.
func (w *world) bury(p *process) {
	w.director.Ended(p.name)
	p.dead, p.disk, p.lost = true, read(p.file), nil
	p.rebootAt = time.Now().Add(w.reboot(p))
	told := p.endBy.Add(-grace)
	if next := told.Add(shutdown); p.service.Open != nil && next.After(p.rebootAt) {
		p.rebootAt = next
	}
	w.dead = append(w.dead, p)
}

// reboot returns the pause before a dead process is started again: the longer,
// the more lives before it ended at once.
func (w *world) reboot(p *process) time.Duration {
	pause := min(rebootTime<<min(p.quick, 10), longReboot)
	p.quick++
	if time.Since(p.born) > longReboot {
		p.quick = 0
	}
	return pause
}
