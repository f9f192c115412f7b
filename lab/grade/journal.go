package grade

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"example.com/dtx/internal/stub"
)

// journal keeps the first error that a service logs: a student's error becomes
// an "internal error" for its callers, and only the log has its text.
type journal struct {
	mu    sync.Mutex
	first error
}

func (j *journal) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }

// WithAttrs and WithGroup are part of slog.Handler; what they add is no error.
func (j *journal) WithAttrs([]slog.Attr) slog.Handler { return j }
func (j *journal) WithGroup(string) slog.Handler      { return j }

func (j *journal) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if err, ok := a.Value.Any().(error); ok {
			j.note(err)
		}
		return true
	})
	return nil
}

// note keeps an error if it is the first, or says that something is not written, or panicked.
func (j *journal) note(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	_, missing := errors.AsType[stub.Error](err)
	_, panicked := errors.AsType[panicError](err)
	if missing || panicked || j.first == nil {
		j.first = err
	}
}

// take returns the first error, and forgets it.
func (j *journal) take() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	err := j.first
	j.first = nil
	return err
}
