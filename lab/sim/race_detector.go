//go:build race

package sim

// raceDetector tells that the race detector watches: a run takes about four times as long.
const raceDetector = true
