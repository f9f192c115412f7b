package saga

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// recover takes up what is unfinished, now and again and again.
func (e *Engine) recover(ctx context.Context, all *sync.WaitGroup) {
	tick := time.NewTicker(sweepPause)
	defer tick.Stop()
	for {
		if err := e.sweep(ctx, all); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "recovery tries again later", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// sweep takes up every unfinished saga, page by page, as places get free.
func (e *Engine) sweep(ctx context.Context, all *sync.WaitGroup) error {
	for after := ""; ; {
		ids, err := e.unfinished(ctx, after)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := e.take(ctx, id, all); err != nil && ctx.Err() == nil {
				slog.ErrorContext(ctx, "saga not taken up, recovery tries again later", "saga", id, "error", err)
			}
			after = id
		}
		if len(ids) < page {
			return nil
		}
	}
}

// take has one saga driven, unless somebody is at it.
func (e *Engine) take(ctx context.Context, id string, all *sync.WaitGroup) error {
	select {
	case e.places <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	r, mine := e.claim(ctx, id)
	if !mine {
		<-e.places
		return nil
	}
	s, err := e.Read(ctx, id) // again: until the claim, somebody else may have finished it
	if err != nil || s.State == Done || s.State == Undone {
		e.drop(r)
		return err
	}
	r.set(s)
	all.Go(func() { e.finish(ctx, r) })
	return nil
}
