// Package retry says how long to wait before a call is made again.
package retry

import (
	"context"
	"hash/fnv"
	"strconv"
	"time"
)

const (
	first   = 200 * time.Millisecond
	longest = 10 * time.Second
)

// Pause waits after a try that has failed, the first being 1, or until ctx is
// done, whose error it returns. It waits twice as long each time, and a part of
// that is jitter: those whom a dead service has stopped do not all come back at
// once. The jitter is drawn from the id, so that every run is like the last.
func Pause(ctx context.Context, id string, try int) error {
	most := min(first<<min(try-1, 10), longest)
	h := fnv.New32a()
	h.Write([]byte(id + " " + strconv.Itoa(try)))
	timer := time.NewTimer(most/2 + most/2*time.Duration(h.Sum32()%1000)/1000)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
