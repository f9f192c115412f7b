package real

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/dtx/lab/fault"
)

// haunt gives a process that is taken for dead another name. Nothing passes the
// laboratory until its successor stands under the service's. The caller holds mu.
func (c *Cluster) haunt(p *process, d fault.Deed) {
	p.name, p.asleep = fault.Old(d.Replace), d.Asleep
	c.processes[p.name], c.zombie, c.starting = p, p, true
}

// succeed starts the successor of a process that is taken for dead, on the same
// database file.
func (c *Cluster) succeed(old *process) {
	name := old.service.Name
	c.files.Lock()
	defer c.files.Unlock()
	next, err := c.spawn(context.Background(), old.service)
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.signal()
	c.starting = false
	if err != nil {
		c.broken = errors.Join(c.broken, fmt.Errorf("start a successor of %s: %w", name, err))
		return
	}
	c.director.Succeed(name)
	c.processes[name], c.successor = next, next
	close(next.placed)
	time.AfterFunc(headStart, func() { c.overtake(next) })
}

// headStart bounds how long a process that is taken for dead waits until its successor
// has written something, such as that it has started: in the simulation it always has.
const headStart = 500 * time.Millisecond

// overtake lets the process that is taken for dead go on.
func (c *Cluster) overtake(successor *process) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.successor == successor {
		c.successor = nil
		c.signal()
	}
}

// awaitTurn waits while a successor starts, and while the process sleeps, or has only just
// been taken for dead. A transaction that has begun ends first, since it locks the database.
func (c *Cluster) awaitTurn(ctx context.Context, p *process, s fault.Stop) error {
	return c.await(ctx, func() bool {
		begun := s.Step == fault.Committing || s.Step == fault.Committed
		rests := p != nil && (p.asleep || p == c.zombie && c.successor != nil)
		sleeps := rests && !p.dead && !begun
		return c.closing || !c.starting && !sleeps
	})
}

// wakeZombie wakes the process that sleeps until all others are at rest. It
// returns false if there is none.
func (c *Cluster) wakeZombie() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	z := c.zombie
	if z == nil || z.dead || !z.asleep {
		return false
	}
	z.asleep = false
	c.director.Wake()
	c.signal()
	return true
}

// reached finds the process that a new request to a service reaches. The caller
// holds mu.
func (c *Cluster) reached(service string) *process {
	if p := c.processes[c.director.Reached(service, time.Now())]; p != nil && !p.dead {
		return p
	}
	return c.processes[service]
}

// isDead tells whether the process is dead; the client never is.
func (c *Cluster) isDead(p *process) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return p != nil && p.dead
}
