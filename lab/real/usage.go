package real

import (
	"context"
	"errors"
)

// Used asks every service what it has used so far.
func (c *Cluster) Used(ctx context.Context) (map[string]Usage, error) {
	all := map[string]Usage{}
	for _, s := range c.variant.Services {
		c.mu.Lock()
		p := c.processes[s.Name]
		c.mu.Unlock()
		_ = p.write(note{Count: true}) // an error means that it has ended
		select {
		case all[s.Name] = <-p.used:
		case <-p.gone:
			return nil, errors.New(s.Name + " has ended")
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	return all, nil
}
