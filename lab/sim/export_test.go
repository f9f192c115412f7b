package sim

// Following is following, for the tests.
func Following(schedule, choices []int) []int { return following(schedule, choices) }

// Restless makes a stage play every schedule.
func (s *Stage) Restless() { s.restless = true }

// Hasty lets reads go first, as if they could not come between.
func (s *Stage) Hasty() { s.hasty = true }

// Worse is worse, for the tests.
var Worse = worse

// Uncured lets the power cut take what a lost fsync has not written, also from a
// log that was written anew.
func (s *Stage) Uncured() { s.uncured = true }

// PowerCuts is powerCuts, for the tests.
var PowerCuts = powerCuts
