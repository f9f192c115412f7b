package sim

// Following is following, for the tests.
func Following(schedule, choices []int) []int { return following(schedule, choices) }
