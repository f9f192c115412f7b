package real

import (
	"context"
	"errors"
)

// Forced asks every service how many commits it has forced to the disk.
func (c *Cluster) Forced(ctx context.Context) (map[string]int64, error) {
	counts := map[string]int64{}
	for _, s := range c.variant.Services {
		c.mu.Lock()
		p := c.processes[s.Name]
		c.mu.Unlock()
		_ = p.write(note{Count: true}) // an error means that it has ended
		select {
		case u := <-p.used:
			counts[s.Name] = u.Forced
		case <-p.gone:
			return nil, errors.New(s.Name + " has ended")
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	return counts, nil
}
