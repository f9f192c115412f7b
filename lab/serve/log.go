package serve

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// again is how long a cause that has been logged is not logged again.
const again = time.Minute

// sparing is a log handler with one line for one cause: a record whose error was
// logged just now says nothing new.
type sparing struct {
	slog.Handler
	seen *causes
}

// causes are the errors that were logged, and when.
type causes struct {
	mu   sync.Mutex
	last map[string]time.Time
}

func newSparing(h slog.Handler) sparing {
	return sparing{h, &causes{last: map[string]time.Time{}}}
}

// Handle implements slog.Handler.
func (s sparing) Handle(ctx context.Context, r slog.Record) error {
	cause := ""
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "error" {
			cause = a.Value.String()
		}
		return cause == ""
	})
	if cause != "" && !s.seen.isNew(cause, r.Time) {
		return nil
	}
	return s.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (s sparing) WithAttrs(a []slog.Attr) slog.Handler {
	return sparing{s.Handler.WithAttrs(a), s.seen}
}

// WithGroup implements slog.Handler.
func (s sparing) WithGroup(name string) slog.Handler {
	return sparing{s.Handler.WithGroup(name), s.seen}
}

// isNew tells whether a cause was not logged just now. Causes that are older are
// forgotten.
func (c *causes) isNew(cause string, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for other, at := range c.last {
		if now.Sub(at) >= again {
			delete(c.last, other)
		}
	}
	if _, ok := c.last[cause]; ok {
		return false
	}
	c.last[cause] = now
	return true
}
