package real

import (
	"context"
	"fmt"
	"time"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
)

// This file is what a person who watches a cluster can see of it.

// Look is what there is to see of a cluster without its databases.
type Look struct {
	Changed  <-chan struct{} // closed when it is out of date
	Recorded int             // events
	Down     []string        // services that are dead
	Asking   bool            // a client has not all its answers
	Active   bool            // anything is at work
	Files    bool            // all databases are as a reader may find them
	Cut      bool            // nothing passes a link
	Hindered string          // what keeps all from rest until a person mends it, if anything does
}

// Look returns what there is to see now.
func (c *Cluster) Look() Look {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.look()
}

// look is Look, for a caller that holds mu.
func (c *Cluster) look() Look {
	l := Look{
		Changed: c.changed, Recorded: c.director.Recorded(), Down: c.down(),
		Asking: c.asking > 0, Files: true,
	}
	for _, p := range c.processes {
		l.Files = l.Files && (!p.dead || p.buried)
	}
	l.Active = len(l.Down) > 0 || !c.resting()
	for _, h := range c.held {
		l.Active = l.Active || !h.done
	}
	a, b, cut := c.director.Apart(time.Now())
	l.Cut = cut
	switch {
	case len(l.Down) > 0 && c.stay:
		l.Hindered = l.Down[0] + " is down: restart it first"
	case cut:
		l.Hindered = fmt.Sprintf("the link between %s and %s is cut: heal it first", a, b)
	}
	return l
}

// Await waits until there is something to see. The function must not call the cluster.
func (c *Cluster) Await(ctx context.Context, holds func(Look) bool) error {
	return c.await(ctx, func() bool { return holds(c.look()) })
}

// Broken waits until the laboratory itself cannot go on, and says why.
func (c *Cluster) Broken(ctx context.Context) error {
	return c.await(ctx, func() bool { return false })
}

// Asking notes that a client asks from now on, until done is called: the cluster is not
// at rest before.
func (c *Cluster) Asking() (done func()) {
	count := func(n int) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.asking += n
		c.signal()
	}
	count(1)
	return func() { count(-1) }
}

// StayDown has what dies from now on stay down.
func (c *Cluster) StayDown() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stay = true
}

// Since returns the events that have happened after the first n.
func (c *Cluster) Since(n int) []event.Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.director.Since(n)
}

// Fired returns the faults that have struck.
func (c *Cluster) Fired() []fault.Fault {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.director.Fired()
}

// Before returns what the databases said at the start, and what the world has changed
// since.
func (c *Cluster) Before() lab.Ledger {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.before
}
