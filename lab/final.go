package lab

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Judge compares what a run left and told with what the scenario's orders should
// have done. Last is what the clients were told when they asked again at rest.
func (c Chapter) Judge(s Scenario, before, after Ledger, told, last []Answer) []Finding {
	orders := s.Orders
	if last != nil {
		orders = slices.Concat(orders, s.More)
	}
	told = slices.Concat(told, last)
	findings := Judge(before, after, orders, c.Effects, told)
	if s.Change.Effects != nil && len(findings) > 0 { // then those after the change
		findings = Judge(before, after, orders, s.Change.Effects, told)
	}
	return slices.Concat(findings, parked(s.Parked, after.Parked), notFinal(last))
}

// notFinal finds the clients that asked again in vain.
func notFinal(last []Answer) (findings []Finding) {
	for _, a := range last {
		if !a.Final() {
			text := "the client asked again when all was at rest: " + a.String()
			findings = append(findings, Finding{FinalAnswer, "no final answer", text})
		}
	}
	return findings
}

// parked compares what is set aside with the reasons that a scenario expects.
func parked(reasons, rows []string) (findings []Finding) {
	reasons = slices.Clone(reasons)
	for _, row := range rows {
		i := slices.IndexFunc(reasons, func(reason string) bool {
			return strings.HasSuffix(row, ": "+reason)
		})
		if i < 0 {
			findings = append(findings, Finding{AtRest, "parked", row})
			continue
		}
		reasons = slices.Delete(reasons, i, i+1)
	}
	for _, reason := range reasons {
		text := "nothing is parked because of: " + reason
		findings = append(findings, Finding{AtRest, "not parked", text})
	}
	return findings
}

// AskAgain has the client of each order ask for it once more, one after the other;
// then the orders are placed that were to wait for rest.
func (s Scenario) AskAgain(ask func(Order) []Answer) (last []Answer) {
	for _, o := range slices.Concat(s.Orders, s.More) {
		last = append(last, ask(o)...)
	}
	return last
}

// Settled tells whether the clients' last questions left nothing to wait for: each
// answer is final, and the ledger is as it was.
func Settled(last []Answer, before, after Ledger) bool {
	return reflect.DeepEqual(before, after) && len(notFinal(last)) == 0
}

// askAgain has the clients of a run that is whole ask again at rest. What happens
// then is part of the run's record only if it breaks something.
func (c *Cluster) askAgain(ctx context.Context, chapter Chapter, s Scenario, o *Outcome) error {
	if !c.variant.Idempotent || len(o.Findings) > 0 {
		return nil
	}
	last := s.AskAgain(func(o Order) []Answer { return c.Place(ctx, o, 1) })
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
