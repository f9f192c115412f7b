package saga

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"example.com/dtx/internal/places"
	"example.com/dtx/internal/sqlite"
)

const (
	passPause = 5 * time.Second // between two passes of recovery
	page      = 100             // sagas that recovery reads at a time
)

// Run carries out sagas until ctx is done: those that are asked for, and those that
// an earlier process or run has left open. It does nothing more once another process
// owns the log.
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
	defer stop()
	o.stop = stop
	close(o.ready)
	var wg sync.WaitGroup
	wg.Go(func() { o.recover(life) })
	o.places.Run(life, o.drive)
	wg.Wait()
	<-ctx.Done()
	return nil
}

// recover takes up what is open: at the start, and again and again.
func (o *Orchestrator) recover(ctx context.Context) {
	tick := time.NewTicker(passPause)
	defer tick.Stop()
	for {
		if err := o.pass(ctx); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "recovery tries again later", "error", err)
		}
		select {
		case <-tick.C:
		case <-o.wake:
		case <-ctx.Done():
			return
		}
	}
}

// pass takes up every open saga, page by page, the oldest first. It waits for places.
func (o *Orchestrator) pass(ctx context.Context) error {
	for last := (entry{}); ; {
		list, err := o.open(ctx, last)
		if err != nil {
			return err
		}
		for _, last = range list {
			if err := o.takeUp(ctx, last.id); err != nil && ctx.Err() == nil {
				slog.ErrorContext(ctx, "saga not taken up, recovery tries again later", "saga", last.id, "error", err)
			}
		}
		if len(list) < page {
			return nil
		}
	}
}

// takeUp has one saga carried on with, unless a run works on it.
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

// entry is the place of a saga in the index of open ones.
type entry struct {
	began int64
	id    string
}

// nextOpen is served by the index open_sagas.
const nextOpen = "SELECT began, id FROM sagas WHERE open = 1 AND (began, id) > (?, ?) AND due <= ? ORDER BY began, id LIMIT ?"

// open lists the sagas behind an entry that are open and due.
func (o *Orchestrator) open(ctx context.Context, last entry) (list []entry, err error) {
	err = o.fenced(ctx, o.db.View, func(tx *sqlite.Tx) error {
		rows, err := tx.Query(nextOpen, last.began, last.id, time.Now().UnixMilli(), page)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var e entry
			if err := rows.Scan(&e.began, &e.id); err != nil {
				return errors.Join(err, rows.Err())
			}
			list = append(list, e)
		}
		return rows.Err()
	})
	return list, err
}
