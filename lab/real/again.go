package real

import (
	"context"
	"fmt"

	"example.com/dtx/lab"
)

// askAgain has the clients of a run that is whole ask again at rest. What happens
// then is part of the run's record only if it breaks something.
func (c *Cluster) askAgain(
	ctx context.Context, chapter lab.Chapter, s lab.Scenario, o *Outcome,
) error {
	if !c.variant.Idempotent || len(o.Findings) > 0 {
		return nil
	}
	last := s.AskAgain(func(o lab.Order) []lab.Answer { return c.Place(ctx, o, 1) })
	if err := c.Settle(ctx); err != nil {
		return fmt.Errorf("ask again: %w", err)
	}
	after, err := c.Ledger(ctx)
	if err != nil {
		return fmt.Errorf("ask again: %w", err)
	}
	if o.Findings = chapter.Judge(s, c.before, after, o.Told, last); len(o.Findings) > 0 {
		o.Told, o.After = append(o.Told, last...), after
		c.recordIn(o)
	}
	return nil
}

// recordIn notes in the outcome what has happened so far.
func (c *Cluster) recordIn(o *Outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.director
	o.Events, o.Passed, o.Offers, o.Unfired = d.Events(), d.Passed(), d.Offers(), d.Unfired()
}
