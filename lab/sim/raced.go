//go:build race

package sim

// raced tells that the race detector watches: a run takes about four times as long.
const raced = true
