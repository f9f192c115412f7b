package sim

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/real"
)

// enough is how many broken runs show a mistake: the shortest of them is drawn.
const enough = 5

// Until has a stage's explorations end when they have shown enough of a broken
// invariant.
func (s *Stage) Until(invariant string) *Stage {
	s.until = invariant
	return s
}

// Explore plays a scenario without a fault, and then once for each point that
// it passed and each fault that can strike there. With pairs, it goes on from
// each of those runs to a second fault at each point that came after the
// first, those that only recovery passes included.
//
// The faults named by with strike in every run: what they lead to is explored,
// and a scenario that never comes to them is left out. If they alone show the invariant
// broken for which the stage looks (Until), nothing more is played.
func (s *Stage) Explore(
	t *testing.T, scenario lab.Scenario, pairs bool, with ...fault.Fault,
) lab.Report {
	t.Helper()
	began := time.Now()
	report := lab.Report{Variant: s.variant.Name, Scenario: scenario.Name}
	plain := s.withoutFault(t, &report, scenario)
	if report.Wrong != "" {
		return report
	}
	if len(with) > 0 {
		if plain = s.Run(t, scenario, nil, with...); len(plain.Unfired) > 0 {
			return report
		}
		report.Tally(plain.Findings, with, plain.Events)
		if s.until != "" && broken(report, s.until) > 0 {
			return report // a second fault would only make the drawing longer
		}
	}
	offers := s.sorted(s.asked(scenario, after(with, plain.Offers)))
	if s.oneOf > 1 {
		offers = oneOf(s.oneOf, offers)
	}
	seen := 0 // pairs
	for _, f := range offers {
		if slices.Contains(s.without, f.Kind) {
			continue
		}
		if broken(report, s.until) >= enough {
			break
		}
		first := s.strike(t, &report, scenario, append(slices.Clone(with), f.Fault)...)
		cuts := powerCuts(f, first)
		if !pairs {
			for _, g := range cuts {
				s.strike(t, &report, scenario, append(slices.Clone(with), f.Fault, g)...)
			}
			continue
		}
		for _, g := range first.Offers {
			if g.Seq <= f.Seq {
				continue
			}
			seen++ // what follows a lost fsync is no sample: it is tried without pairs, too
			if s.pairOf > 1 && seen%s.pairOf != 1 && !slices.Contains(cuts, g.Fault) {
				report.Left++
				continue
			}
			plan := append(slices.Clone(with), f.Fault, g.Fault)
			s.strike(t, &report, scenario, plan...)
		}
	}
	report.Seconds = time.Since(began).Seconds()
	return report
}

// oneOf returns one of so many faults of each kind, the first one too.
func oneOf(n int, offers []fault.Offer) []fault.Offer {
	seen := map[fault.Kind]int{}
	return slices.DeleteFunc(slices.Clone(offers), func(o fault.Offer) bool {
		seen[o.Kind]++
		return seen[o.Kind]%n != 1
	})
}

// simple are the faults, beside deaths, that are easiest to follow in a drawing.
var simple = []fault.Kind{
	fault.Lost, fault.ReplyLost, fault.Twice, fault.TwiceAtOnce, fault.Late, fault.AtRest,
	fault.Partition, fault.Pause, fault.PowerCut,
}

// sorted has simple faults strike first where a few broken runs are enough.
func (s *Stage) sorted(offers []fault.Offer) []fault.Offer {
	if s.until == "" {
		return offers
	}
	var first, rest []fault.Offer
	for _, o := range offers {
		if slices.Contains(deaths, o.Kind) || slices.Contains(simple, o.Kind) {
			first = append(first, o)
		} else {
			rest = append(rest, o)
		}
	}
	return append(first, rest...)
}

// Plain plays a scenario once, without a fault.
func (s *Stage) Plain(t *testing.T, scenario lab.Scenario) lab.Report {
	t.Helper()
	report := lab.Report{Variant: s.variant.Name, Scenario: scenario.Name}
	s.withoutFault(t, &report, scenario)
	return report
}

func (s *Stage) withoutFault(t *testing.T, report *lab.Report, scenario lab.Scenario) Run {
	t.Helper()
	s.unasked = true
	r := s.Run(t, scenario, nil)
	s.unasked = false
	report.Points, report.Wrong = len(r.Passed), r.Wrong(scenario)
	if report.Wrong == "" && s.variant.Idempotent {
		// Only the client that asks again may find what is wrong.
		if r = s.Run(t, scenario, nil); len(r.Findings) > 0 {
			report.Tally(r.Findings, nil, r.Events)
		}
	}
	return r
}

// after returns the offers that came when the standing faults had struck.
func after(with []fault.Fault, offers []fault.Offer) []fault.Offer {
	from := 0
	for i, o := range offers {
		if slices.Contains(with, o.Fault) {
			from = i + 1
		}
	}
	return slices.DeleteFunc(offers[from:], func(o fault.Offer) bool {
		return from > 0 && o.Seq <= offers[from-1].Seq
	})
}

// strike plays one plan and adds what came of it to the report.
func (s *Stage) strike(
	t *testing.T, report *lab.Report, scenario lab.Scenario, plan ...fault.Fault,
) Run {
	t.Helper()
	r := s.Run(t, scenario, nil, plan...)
	if len(r.Unfired) > 0 {
		t.Errorf("%s, %s: the laboratory planned %v, and %v never came",
			s.variant.Name, scenario.Name, plan, r.Unfired)
	}
	if kind := scenario.Kind(); kind != "" && len(plan) == 1 {
		report.TallyAs(kind, r.Findings, plan, r.Events)
		return r
	}
	report.Tally(r.Findings, plan, r.Events)
	return r
}

// Wrong says what is amiss with a run in which nothing failed.
func (r Run) Wrong(scenario lab.Scenario) string {
	if len(r.Findings) > 0 {
		return fmt.Sprintf("without a fault: %v", r.Findings)
	}
	return real.Unexpected(scenario, r.Told)
}
