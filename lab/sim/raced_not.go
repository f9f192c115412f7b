//go:build !race

package sim

// raced tells that the race detector watches.
const raced = false
