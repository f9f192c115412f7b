package sim

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
)

// SameAgain plays each scenario of a variant again and again, without a fault and with one
// fault of so many, in the long tier with every fault, and requires the same events each
// time. It plays on several threads: what a service itself lets go at the same
// moment then goes on in any order. A race of that kind makes no two runs alike, and a
// fault that was planned in one of them never comes in the next.
func SameAgain(t *testing.T, c lab.Chapter, v lab.Variant, every int) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short leaves it out: each run is played several times")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	if os.Getenv(lab.RacesVariable) != "" {
		every = 1
	}
	for _, scenario := range c.Scenarios {
		if !scenario.Suits(v) {
			continue
		}
		s := NewStage(t, c, v)
		first := s.Run(t, scenario, nil)
		require.NoError(t, s.Again(t, scenario, first, 10))
		for i, o := range first.Offers {
			if i%every == 0 {
				r := s.Run(t, scenario, nil, o.Fault)
				require.NoError(t, s.Again(t, scenario, r, 2))
			}
		}
	}
}

// Again plays a run so many times more. The error says where one is another run.
func (s *Stage) Again(t *testing.T, scenario lab.Scenario, first Run, times int) error {
	t.Helper()
	for n := range times {
		next := s.Run(t, scenario, nil, first.Plan...)
		if slices.Equal(first.Events, next.Events) {
			continue
		}
		at, least := 0, min(len(first.Events), len(next.Events))
		for at < least && first.Events[at] == next.Events[at] {
			at++
		}
		return fmt.Errorf("%s, %s: run %d of the plan %v differs from event %d on: %v and %v",
			s.variant.Name, scenario.Name, n+2, first.Plan, at+1,
			first.Events[at:min(at+1, len(first.Events))],
			next.Events[at:min(at+1, len(next.Events))])
	}
	return nil
}
