package real

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/dtx/lab/fault"
)

// This file is what a person who watches a cluster can do to it.

// Plan lets a fault strike when the run comes to its point.
func (c *Cluster) Plan(f fault.Fault) error {
	head, _, _ := strings.Cut(f.Point, ": ")
	for name := range strings.SplitSeq(head, " → ") {
		if err := c.known(name); err != nil {
			return fmt.Errorf("fault %q: %w", f, err)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.director.Plan(f)
}

// Next lets a fault strike at the next point where it can; service and peer, if they
// are not empty, narrow it down. What it returns waits until the fault has struck,
// and names it.
func (c *Cluster) Next(
	k fault.Kind, service, peer string,
) (wait func(context.Context) (fault.Fault, error), err error) {
	for _, name := range []string{service, peer} {
		if err := c.known(name); name != "" && err != nil {
			return nil, err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	struck, err := c.director.Next(k, service, peer)
	return func(ctx context.Context) (f fault.Fault, err error) {
		err = c.await(ctx, func() (ok bool) { f, ok = struck(); return ok })
		return f, err
	}, err
}

// Cut lets nothing pass between two actors, until Heal.
func (c *Cluster) Cut(a, b string) error { return c.link(a, b, "cut already", c.director.Cut) }

// Heal lets messages pass again.
func (c *Cluster) Heal(a, b string) error { return c.link(a, b, "not cut", c.director.Heal) }

func (c *Cluster) link(a, b, is string, do func(a, b string, now time.Time) bool) error {
	for _, name := range []string{a, b} {
		if err := c.known(name); err != nil {
			return err
		}
	}
	if a == b {
		return fmt.Errorf("%s has no link to itself", a)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.signal()
	if !do(a, b, time.Now()) {
		return fmt.Errorf("the link between %s and %s is %s", a, b, is)
	}
	return nil
}

// known tells whether there is an actor of that name.
func (c *Cluster) known(name string) error {
	if columns := c.variant.Columns(); !slices.Contains(columns, name) {
		return fmt.Errorf("there is no %q; there are: %s", name, strings.Join(columns, ", "))
	}
	return nil
}

// Down lists the services that are dead.
func (c *Cluster) Down() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.down()
}

// down is Down, for who holds mu.
func (c *Cluster) down() []string {
	list := []string{}
	for _, s := range c.variant.Services {
		if p := c.processes[s.Name]; p != nil && p.dead {
			list = append(list, s.Name)
		}
	}
	return list
}

// Abandon is Close for a run whose end no caller waits for: it kills.
func (c *Cluster) Abandon() error {
	c.mu.Lock()
	c.closing = true
	for _, p := range c.processes {
		if !p.dead && !p.foreign {
			p.kill(false)
		}
	}
	c.signal()
	c.mu.Unlock()
	return c.Close()
}
