package real

import (
	"context"
	"slices"
	"time"

	"example.com/dtx/lab"
)

// changePause is how long a change waits for a service that is writing.
const changePause = 10 * time.Millisecond

// Change makes a change of the world, past the service whose database it writes to.
func (c *Cluster) Change(ctx context.Context, change lab.Change) error {
	i := slices.IndexFunc(c.variant.Services, func(s lab.Service) bool {
		return s.Name == change.Service
	})
	for {
		c.files.RLock()
		queries := c.variant.Services[i].Queries
		changed, err := change.Make(ctx, c.file(change.Service), queries)
		c.files.RUnlock()
		if err == nil {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.before.Balances = append(c.before.Balances, changed...)
			c.director.Record(change.Record())
			return nil
		}
		select {
		case <-time.After(changePause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
