package real

import (
	"context"
	"errors"
	"time"

	"example.com/dtx/lab/fault"
)

// outside is the laboratory of the client, which is part of no process.
type outside struct{ *Cluster }

// Pass is part of boundary.Lab.
func (o outside) Pass(ctx context.Context, s fault.Stop) (fault.Ruling, error) {
	ruling, ok := o.rule(ctx, nil, s)
	if !ok {
		return ruling, errors.New("the laboratory is closing")
	}
	return ruling, nil
}

// pass answers a process that is at a boundary, once it may go on. One that does
// background work as soon as it starts can be there before it has its place.
func (c *Cluster) pass(p *process, n note) {
	select {
	case <-p.placed:
	case <-p.gone:
		return
	}
	if ruling, ok := c.rule(context.Background(), p, *n.Stop); ok {
		_ = p.write(note{ID: n.ID, Ruling: &ruling}) // an error means that it has ended
	}
}

// rule waits until the stop may go on. It returns false if it never may.
func (c *Cluster) rule(ctx context.Context, p *process, s fault.Stop) (fault.Ruling, bool) {
	if s.Step == fault.Held {
		return fault.Ruling{}, c.hold(ctx, p, s)
	}
	for {
		if err := c.awaitTurn(ctx, p, s); err != nil {
			return fault.Ruling{}, false
		}
		ruling, deed, wait := c.decide(p, s)
		switch {
		case deed.Crash != "" && c.isDead(p):
			return ruling, false
		case deed.Replace != "":
			s.Point = ruling.Point
			c.succeed(p)
		case wait > 0:
			s.Point = ruling.Point
			if !sleep(ctx, p, wait) {
				return ruling, false
			}
		default:
			c.mu.Lock()
			between := c.between
			c.mu.Unlock()
			if between != nil {
				between(p, s.Step, ruling)
			}
			return ruling, true
		}
	}
}

// decide asks the director, does what it rules, and says how long the stop has
// to wait before it comes back.
func (c *Cluster) decide(
	p *process, s fault.Stop,
) (ruling fault.Ruling, deed fault.Deed, wait time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer func() {
		if ruling.InVain() || deed != (fault.Deed{}) || !c.variant.Idles(s) {
			c.signal()
		}
	}()
	if p != nil && p.dead {
		return ruling, fault.Deed{Crash: p.name}, 0
	}
	if p != nil {
		s.Point.Service = p.name
	}
	if wait := time.Until(c.pausedTo[s.Point.Service]); p != nil && wait > 0 {
		return fault.Ruling{Point: s.Point}, deed, wait
	}
	c.note(p, s)
	ruling, deed = c.director.Rule(s, time.Now())
	if ruling.Fail != "" && s.Step == fault.Committing {
		p.ending = true
	}
	if ruling.End {
		p.terminate()
	}
	if deed.Crash != "" {
		c.processes[deed.Crash].kill(deed.PowerCut)
	}
	if deed.Replace != "" {
		c.haunt(p, deed)
	}
	if deed.Pause {
		c.pausedTo[s.Point.Service] = time.Now().Add(deed.Hold)
	}
	return ruling, deed, deed.Hold
}

// note keeps count of what is served, what is forced, and what was held back.
func (c *Cluster) note(p *process, s fault.Stop) {
	if c.variant.Idles(s) {
		return
	}
	switch s.Step {
	case fault.Ignored:
		for _, h := range c.held {
			h.done = h.done || h.message == s.Message
		}
	case fault.Receiving:
		if s.Point.N == 0 {
			p.serving++
			p.received++
		}
	case fault.Replying:
		p.serving--
	case fault.Committing:
		if s.Point.N == 0 {
			p.writing++
		}
	case fault.Committed:
		p.writing--
		p.wrote(s)
		if p == c.successor {
			c.successor = nil
		}
	}
}

// sleep waits. It returns false if the process dies or ctx ends first.
func sleep(ctx context.Context, p *process, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	var gone chan struct{}
	if p != nil {
		gone = p.gone
	}
	select {
	case <-timer.C:
		return true
	case <-gone:
		return false
	case <-ctx.Done():
		return false
	}
}

// held is a request that the network keeps.
type held struct {
	message string
	free    chan struct{}
	done    bool // whether it was delivered and answered
}

// hold keeps a request until Settle frees it. It returns false if the one who
// was to deliver it is gone.
func (c *Cluster) hold(ctx context.Context, p *process, s fault.Stop) bool {
	h := &held{message: s.Message, free: make(chan struct{})}
	c.mu.Lock()
	c.held = append(c.held, h)
	c.mu.Unlock()
	var gone chan struct{}
	if p != nil {
		gone = p.gone
	}
	select {
	case <-h.free:
		return true
	case <-gone:
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	h.done = true
	c.signal()
	return false
}

// nextHeld returns the first request that is still held, nil if there is none.
func (c *Cluster) nextHeld() *held {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range c.held {
		if !h.done {
			return h
		}
	}
	return nil
}
