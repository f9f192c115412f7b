package saga

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"example.com/dtx/internal/places"
	"example.com/dtx/internal/sqlite"
)

const (
	passPause = 5 * time.Second // between two passes of recovery
	page      = 100             // sagas that are read at a time
)

// Run carries out sagas until ctx is done: those that are asked for, and those that
// an earlier process or run has left open. The error says that another process owns
// the log: this one has to end. If it is the process that should live, its restart
// takes a new epoch.
func (o *Orchestrator) Run(ctx context.Context) error {
	for try := 1; ; try++ {
		err := o.takeEpoch(ctx)
		if err == nil {
			break
		}
		slog.ErrorContext(ctx, "log not taken over, trying again", "error", err)
		if places.Pause(ctx, "epoch", try) != nil {
			return nil
		}
	}
	life, stop := context.WithCancel(ctx)
	o.stop = stop
	close(o.ready)
	var wg sync.WaitGroup
	wg.Go(func() { o.recover(life) })
	o.places.Run(life, o.drive)
	wg.Wait()
	if ctx.Err() == nil {
		return errSuperseded
	}
	return nil
}

// recover takes up what is open: at the start, and again and again.
func (o *Orchestrator) recover(ctx context.Context) {
	tick := time.Tick(passPause)
	for ctx.Err() == nil {
		if err := o.pass(ctx); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "recovery tries again later", "error", err)
		}
		select {
		case <-tick:
		case <-ctx.Done():
		}
	}
}

// nextOpen is served by the index open_sagas.
const nextOpen = " AND (began, id) > (?, ?) AND due <= ?"

// pass takes up every open saga, page by page, the oldest first. It waits for places.
func (o *Orchestrator) pass(ctx context.Context) error {
	for last := (Entry{}); ; {
		list, err := o.list(ctx, nextOpen, last.began, last.ID, time.Now().UnixMilli())
		if err != nil {
			return err
		}
		for _, last = range list {
			if err := o.takeUp(ctx, last.ID); err != nil && ctx.Err() == nil {
				slog.ErrorContext(ctx, "saga not taken up", "saga", last.ID, "error", err)
			}
		}
		if len(list) < page {
			return nil
		}
	}
}

// takeUp has one saga continued, if no run works on it.
func (o *Orchestrator) takeUp(ctx context.Context, id string) error {
	r, isNew, err := o.places.Begin(ctx, id, places.Old)
	if err != nil || !isNew {
		return err
	}
	defer r.Drop()
	s, err := o.lookUp(ctx, id, func(*sqlite.Tx) error { return nil }) // it may be finished by now
	if err != nil || !s.Open {
		return err
	}
	r.Set(progress{Saga: s})
	r.Hand()
	return nil
}
