package sim

import (
	"fmt"
	"testing"

	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
)

// foresee returns how many statements each transaction has before a statement in
// it fails that is the last. It plays the rest of the plan for that, once.
func (s *Stage) foresee(
	t *testing.T, scenario lab.Scenario, schedule []int, plan []fault.Fault,
) map[string]int {
	t.Helper()
	rest, needed := fault.Unforeseen(plan)
	if !needed {
		return nil
	}
	before := name(scenario, schedule, rest)
	if _, played := s.lengths[before]; !played {
		s.lengths[before] = s.Run(t, scenario, schedule, rest...).lengths
	}
	return s.lengths[before]
}

// name tells apart the runs of a stage.
func name(scenario lab.Scenario, schedule []int, plan []fault.Fault) string {
	return fmt.Sprint(scenario.Name, schedule, plan)
}
