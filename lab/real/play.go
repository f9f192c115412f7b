package real

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
)

// Outcome is the record of a scenario played in real processes.
type Outcome struct {
	Events    []event.Event
	Passed    []fault.Point
	Offers    []fault.Offer
	Told      []lab.Answer
	After     lab.Ledger
	Findings  []lab.Finding
	Unfired   []fault.Fault
	Processes []Process
	Lengths   map[string]int // statements of each transaction, by its point
	// Unexpected says which answers were not those of the scenario though nothing failed;
	// empty if none were.
	Unexpected string
}

// MaxPlay bounds one scenario: every fault has long ended by then.
const MaxPlay = 3 * time.Minute

// Play runs a scenario in real processes under a plan of faults, and audits
// their databases.
func Play(
	ctx context.Context, c lab.Chapter, v lab.Variant, s lab.Scenario, plan ...fault.Fault,
) (o Outcome, err error) {
	ctx, cancel := context.WithTimeout(ctx, MaxPlay)
	defer cancel()
	var foreseen Outcome
	if rest, needed := fault.Unforeseen(plan); needed {
		if foreseen, err = Play(ctx, c, v, s, rest...); err != nil {
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
	if o.Told = cluster.PlaceAll(ctx, s); len(plan) == 0 {
		o.Unexpected = Unexpected(s, o.Told)
	}
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

// PlaceAll sends all orders of a scenario, and returns what their clients were
// told.
func (c *Cluster) PlaceAll(ctx context.Context, s lab.Scenario) []lab.Answer {
	return s.Place(func(o lab.Order) []lab.Answer {
		return s.Client(ctx, o, c.Place, func() error { return c.Change(ctx, s.Change) })
	})
}

// Unexpected compares the answers of a run without a fault, in any order, with those of the
// scenario.
func Unexpected(s lab.Scenario, told []lab.Answer) string {
	var got []int
	for _, a := range told {
		if !a.InFlight() || s.Tries == 0 {
			got = append(got, a.Status)
		}
	}
	want := slices.Sorted(slices.Values(s.Want))
	slices.Sort(got)
	if slices.Equal(got, want) {
		return ""
	}
	return fmt.Sprintf("answers %v, want %v", got, want)
}
