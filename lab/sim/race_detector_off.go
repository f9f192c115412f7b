//go:build !race

package sim

// raceDetector tells that the race detector watches.
const raceDetector = false
