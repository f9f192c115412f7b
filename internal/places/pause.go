package places

import (
	"context"
	"hash/fnv"
	"strconv"
	"time"
)

const (
	shortest = 100 * time.Millisecond
	longest  = 10 * time.Second
)

// Backoff returns how long to wait after a try that has failed, the first being 1.
// It is twice as long each time, less a part that differs from id to id: those
// that a dead service has stopped do not all come back at once. The same id and
// try give the same pause, so that every run is like the last.
func Backoff(id string, try int) time.Duration {
	most := min(shortest<<min(try, 10), longest)
	h := fnv.New32a()
	h.Write([]byte(id + " " + strconv.Itoa(try)))
	return most/2 + most/2*time.Duration(h.Sum32()%1000)/1000
}

// Pause waits as long as Backoff says. The error is that of ctx, if it has ended.
func Pause(ctx context.Context, id string, try int) error {
	select {
	case <-time.After(Backoff(id, try)):
	case <-ctx.Done():
	}
	return ctx.Err()
}
