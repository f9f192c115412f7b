package real

import (
	"context"

	"example.com/dtx/lab/fault"
)

// Arrive is what a service's process says when it comes to a boundary.
func (c *Cluster) Arrive(s fault.Stop) (fault.Ruling, bool) {
	c.mu.Lock()
	p := c.processes[s.Point.Service]
	c.mu.Unlock()
	return c.rule(context.Background(), p, s)
}
