package sim

import (
	"os"
	"slices"
	"testing"
	"time"

	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/real"
)

// Interleave plays a scenario of several orders once for each order in which their
// transactions can follow one another in a database: without a fault, and then with
// one fault, as far as the tier of tests goes (strikes).
func (s *Stage) Interleave(t *testing.T, scenario lab.Scenario) lab.Report {
	t.Helper()
	began := time.Now()
	report := lab.Report{Variant: s.variant.Name, Scenario: scenario.Name}
	s.interleave(t, &report, scenario)
	if scenario.Deep && os.Getenv(lab.RacesVariable) == "" {
		s.sharing = true
		s.interleave(t, &report, scenario)
		s.sharing = false
	}
	report.Seconds = time.Since(began).Seconds()
	return report
}

// interleave plays each order of the transactions once. While updates share commits,
// only the runs in which two did are new, and no fault strikes.
func (s *Stage) interleave(t *testing.T, report *lab.Report, scenario lab.Scenario) {
	t.Helper()
	for schedule := []int{}; schedule != nil && broken(*report, s.until) < enough; {
		r := s.Run(t, scenario, schedule)
		if !r.Again && (r.Grouped || !s.sharing) {
			report.Points = max(report.Points, len(r.Passed))
			report.Schedules++
			s.tally(report, scenario, r)
			if !s.sharing {
				s.strikeRace(t, report, scenario, schedule, r.Offers)
			}
		}
		schedule = following(schedule, r.Choices)
	}
}

// tally adds a race in which nothing failed.
func (s *Stage) tally(report *lab.Report, scenario lab.Scenario, r Run) {
	if text := real.Unexpected(scenario, r.Told); text != "" {
		wrong := lab.Finding{Invariant: lab.Answered, Damage: "unexpected answers", Text: text}
		r.Findings = append(r.Findings, wrong)
	}
	kind := lab.Interleaving
	if r.Grouped {
		kind = lab.GroupedCommit
	}
	report.TallyAs(kind, r.Findings, nil, r.Events)
}

// strikeRace plays a schedule of a race once more for each fault.
func (s *Stage) strikeRace(
	t *testing.T, report *lab.Report, scenario lab.Scenario, schedule []int, offers []fault.Offer,
) {
	t.Helper()
	for _, o := range offers {
		if broken(*report, s.until) >= enough {
			return
		}
		if !strikes(scenario, schedule, o.Kind) {
			report.Left++
			continue
		}
		r := s.Run(t, scenario, schedule, o.Fault)
		if len(r.Unfired) > 0 {
			t.Errorf("%s, %s, %v: %s never came", s.variant.Name, scenario.Name, schedule, o.Fault)
		}
		report.TallyAs(lab.OneInARace, r.Findings, r.Plan, r.Events)
	}
}

// strikes tells whether this tier of tests tries a kind of fault in a schedule. The
// long tier tries all. The second tier tries, in a deep scenario, what makes a client
// ask again in the order of names, and the death of a process after a commit where one
// order comes before its turn. The fault is before or after that place.
func strikes(scenario lab.Scenario, schedule []int, kind fault.Kind) bool {
	early := slices.DeleteFunc(slices.Clone(schedule), func(turn int) bool { return turn == 0 })
	switch {
	case os.Getenv(lab.RacesVariable) != "":
		return true
	case !scenario.Deep:
		return false
	case len(early) == 0:
		return repeats(kind)
	}
	return len(early) == 1 && kind == fault.CrashAfter
}

// following returns the next schedule in depth-first order, nil after the last.
func following(schedule, choices []int) []int {
	next := make([]int, len(choices))
	copy(next, schedule)
	for i := len(next) - 1; i >= 0; i-- {
		if next[i]++; next[i] < choices[i] {
			return next[:i+1]
		}
	}
	return nil
}
