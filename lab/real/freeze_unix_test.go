//go:build unix

package real

import (
	"context"
	"slices"
	"syscall"

	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
)

// Freeze stops the process that comes to commit at a point, inside its transaction,
// and starts its successor on the same file. When that is done, frozen says so. Thaw
// lets the process go on.
func (c *Cluster) Freeze(point string) (thaw func() error, frozen <-chan error) {
	done, again, thawed := make(chan error, 1), make(chan struct{}), make(chan error, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.between = func(p *process, step fault.Step, ruling fault.Ruling) {
		if step != fault.Committing || ruling.Point.String() != point {
			return
		}
		err := p.cmd.Process.Signal(syscall.SIGSTOP)
		c.mu.Lock()
		c.haunt(p, fault.Deed{Replace: p.service.Name})
		c.director.TakeForDead(ruling.Point, fault.Zombie)
		c.mu.Unlock()
		c.succeed(p)
		done <- err
		<-again
		thawed <- p.cmd.Process.Signal(syscall.SIGCONT)
	}
	return func() error { close(again); return <-thawed }, done
}

// Until waits for an event.
func (c *Cluster) Until(ctx context.Context, is func(event.Event) bool) error {
	return c.await(ctx, func() bool { return slices.ContainsFunc(c.director.Events(), is) })
}
