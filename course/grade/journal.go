package grade

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"

	"example.com/dtx/course/stub"
	"example.com/dtx/course/study"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab/sim"
)

// journal keeps the first error that a service logs: a student's error becomes
// an "internal error" for its callers, and only the log has its text.
type journal struct {
	mu      sync.Mutex
	first   error
	passed  int // the step that came to its end, counted from 1; 0 if none has
	finding study.Finding
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

// note keeps an error if it is the first, or tells more: a panic, or what is not
// written; of that, what comes first in the files. What a process fails to begin
// when it is about to end, or to send, is no error of the student's.
func (j *journal) note(err error) {
	if errors.Is(err, sqlite.ErrNotBegun) || errors.Is(err, sim.ErrDead) {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	missing, isMissing := errors.AsType[stub.Error](err)
	known, isKnown := errors.AsType[stub.Error](j.first)
	_, panicked := errors.AsType[panicError](err)
	earlier := cmp.Or(cmp.Compare(missing.File, known.File), missing.Line-known.Line) < 0
	switch {
	case j.first == nil, panicked, isMissing && !isKnown:
		j.first = err
	case isMissing && earlier:
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
