package sim

// Following is following, for the tests.
func Following(schedule, choices []int) []int { return following(schedule, choices) }

// Restless makes a stage play every schedule.
func (s *Stage) Restless() { s.restless = true }

// Worse is worse, for the tests.
var Worse = worse
