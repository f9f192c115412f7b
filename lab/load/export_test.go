package load

import "time"

// Percentile is percentile, for the tests.
func Percentile(sorted []time.Duration, percent int) time.Duration {
	return percentile(sorted, percent)
}
