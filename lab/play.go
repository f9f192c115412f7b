package lab

import (
	"context"
	"errors"
	"sync"
	"time"

	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
)

// Outcome is the record of a scenario played in real processes.
type Outcome struct {
	Events    []event.Event
	Passed    []fault.Point
	Offers    []fault.Offer
	Told      []Answer
	After     Ledger
	Findings  []Finding
	Unfired   []fault.Fault
	Processes []Process
	Lengths   map[string]int // statements of each transaction, by its point
}

// maxPlay bounds one scenario: every fault has long ended by then.
const maxPlay = 3 * time.Minute

// Play runs a scenario in real processes under a plan of faults, and audits
// their databases.
func (c Chapter) Play(
	ctx context.Context, v Variant, s Scenario, plan ...fault.Fault,
) (o Outcome, err error) {
	ctx, cancel := context.WithTimeout(ctx, maxPlay)
	defer cancel()
	var foreseen Outcome
	if rest, needed := fault.Unforeseen(plan); needed {
		if foreseen, err = c.Play(ctx, v, s, rest...); err != nil {
			return o, err
		}
	}
	cluster, err := Start(ctx, v.As(s.Version), Options{
		Plan: plan, Lengths: foreseen.Lengths, Keys: len(s.Orders) > 1, Release: s.Release,
	})
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, cluster.Close()) }()
	o.Told = cluster.placeAll(ctx, s)
	if err := cluster.Settle(ctx); err != nil {
		return o, err
	}
	if o.After, err = cluster.Ledger(ctx); err != nil {
		return o, err
	}
	o.Findings = c.Judge(s, cluster.before, o.After, o.Told, nil)
	cluster.recordIn(&o)
	if err := cluster.askAgain(ctx, c, s, &o); err != nil {
		return o, err
	}
	o.Processes = cluster.Processes()
	cluster.mu.Lock()
	defer cluster.mu.Unlock()
	o.Lengths = cluster.director.Lengths()
	return o, nil
}

// placeAll sends all orders of a scenario, and returns what their clients were
// told.
func (c *Cluster) placeAll(ctx context.Context, s Scenario) []Answer {
	return s.Place(func(o Order) []Answer {
		return s.Client(ctx, o, c.Place, func() error { return c.Change(ctx, s.Change) })
	})
}

// Place has all orders placed, at once or in turn, and returns all answers.
func (s Scenario) Place(place func(Order) []Answer) (told []Answer) {
	lists := make([][]Answer, len(s.Orders))
	var all sync.WaitGroup
	for i, o := range s.Orders {
		all.Go(func() { lists[i] = place(o) })
		if s.InTurn {
			all.Wait()
		}
	}
	all.Wait()
	for _, list := range lists {
		told = append(told, list...)
	}
	return told
}
