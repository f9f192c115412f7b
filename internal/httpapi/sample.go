package httpapi

import (
	"sync"
	"time"
)

// sample picks one of many events that are alike: the first, and then one a second.
// The zero value is ready.
type sample struct {
	mu      sync.Mutex
	next    time.Time
	omitted int
}

// pick tells whether an event is to be logged, and how many have been left out
// since the last one that was.
func (s *sample) pick(now time.Time) (omitted int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Before(s.next) {
		s.omitted++
		return 0, false
	}
	omitted, s.omitted, s.next = s.omitted, 0, now.Add(time.Second)
	return omitted, true
}
