package saga

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"example.com/dtx/internal/places"
)

const (
	passPause   = 5 * time.Second  // between two passes of recovery
	parkedPause = 10 * time.Minute // before what is parked is tried again
)

// Run carries out sagas until ctx is done: those that are asked for, and those that
// an earlier process or run has left open. An error ends the process: it has failed to
// take the epoch, or another process owns the log. If it is the process that should
// live, its restart takes a new epoch.
func (o *Orchestrator) Run(ctx context.Context) error {
	err := o.takeEpoch(ctx)
	if err == nil {
		var life context.Context
		life, o.stop = context.WithCancel(ctx)
		close(o.ready)
		var wg sync.WaitGroup
		wg.Go(func() { o.places.Run(life, o.drive) })
		o.recover(life)
		wg.Wait()
		err = errSuperseded
	}
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("orchestrate: %w", err)
}

// recover takes up what is open: at the start, and again and again.
func (o *Orchestrator) recover(ctx context.Context) {
	tick := time.Tick(passPause)
	for last := (time.Time{}); ctx.Err() == nil; {
		parkedToo := time.Since(last) >= parkedPause
		if parkedToo {
			last = time.Now()
		}
		if err := o.pass(ctx, parkedToo); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "recovery tries again later", "error", err)
		}
		select {
		case <-tick:
		case <-ctx.Done():
		}
	}
}

// pass takes up every open saga, page by page, the oldest first, and waits for places.
// It leaves out what is parked, if it is not to try that, too.
func (o *Orchestrator) pass(ctx context.Context, parkedToo bool) error {
	for last := (Entry{}); ; {
		list, err := o.list(ctx, last, false)
		for _, last = range list {
			if last.Parked != "" && !parkedToo {
				continue
			}
			if err := o.takeUp(ctx, last.ID); err != nil && ctx.Err() == nil {
				slog.ErrorContext(ctx, "saga not taken up", "saga", last.ID, "error", err)
			}
		}
		if err != nil || len(list) < page {
			return err
		}
	}
}

// takeUp has one saga continued, if no run works on it.
func (o *Orchestrator) takeUp(ctx context.Context, id string) error {
	r, isNew, err := o.places.Begin(ctx, id, places.Old)
	if err != nil || !isNew {
		return err
	}
	defer r.Drop() // if it is not handed over
	s, err := o.lookUp(ctx, id, unchecked)
	if err != nil || !s.Open { // it may be finished by now
		return err
	}
	r.Set(progress{Saga: s})
	r.Hand()
	return nil
}
