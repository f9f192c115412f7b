package twopc

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"
)

// Vote is a participant's answer to prepare. No is an error instead.
type Vote struct {
	Vote string `json:"vote"`
}

// The votes that allow to commit.
const (
	Yes      = "yes"       // it is prepared, and waits for the decision
	ReadOnly = "read-only" // it has nothing to commit, and wants to hear nothing more
)

// State is what the coordinator knows of a transaction.
type State string

// The answers to an inquiry.
const (
	Pending   State = "pending" // it is being voted on: wait
	Committed State = "committed"
	Aborted   State = "aborted"
)

// Inquiry is the answer to GET /transactions/{id}.
type Inquiry struct {
	State State `json:"state"`
}

const (
	shortest = 50 * time.Millisecond
	longest  = 3 * time.Minute
	slowest  = 12 // attempts; from then on the pause is the longest
)

// Pause is how long to wait after the n-th attempt, n from 1: twice as long each
// time, less up to a half that differs from name to name, so that those who
// met once do not meet again. It is the same each time it is asked.
func Pause(name string, n int) time.Duration {
	whole := min(shortest<<min(n, slowest), longest)
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %s", n, name)
	return whole - time.Duration(h.Sum64()%uint64(whole/2))
}

// Sleep waits, and returns false if ctx ends first.
func Sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
