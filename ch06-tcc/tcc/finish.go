package tcc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/places"
	"example.com/dtx/internal/sqlite"
)

const (
	passPause   = 5 * time.Second  // between two passes of recovery
	parkedPause = 10 * time.Minute // before what is parked is tried again
)

// finish is the second phase: it tells the decision to the participants, round by round,
// until each has acknowledged it, and notes the end. If all that are left refuse, the
// transaction is parked: a promise is broken, and an operator has to repair it.
func (n *Initiator) finish(ctx context.Context, r *run) {
	t := r.Now().Transaction
	operation := map[State]Operation{Confirming: Confirm, Cancelling: Cancel}[t.State]
	for try := 1; try <= maxTries; try++ {
		var refusals []string
		told := atOnce(t.waiting, func(p string) error {
			return n.call(ctx, p, operation, t.ID, struct{}{})
		})
		var waiting []string
		for i, p := range t.waiting {
			if told[i] != nil {
				waiting = append(waiting, p)
			}
			if httpapi.Judged(told[i]) {
				refusals = append(refusals, p+": "+told[i].Error())
			}
		}
		t.waiting = waiting
		isOver := len(refusals) == len(waiting) // by now all have acknowledged, or refused
		if isOver && n.note(ctx, t, strings.Join(refusals, "; ")) == nil {
			return
		}
		if r.Pause(ctx, try) != nil {
			return
		}
	}
}

// Run carries out transactions until ctx is done: those that are asked for, and those
// that an earlier process or run has left open. The error says that another process
// owns the log: this one has to end.
func (n *Initiator) Run(ctx context.Context) error {
	err := n.takeEpoch(ctx)
	if err == nil {
		life, stop := context.WithCancel(ctx)
		defer stop()
		n.stop = stop
		close(n.ready)
		var wg sync.WaitGroup
		wg.Go(func() { n.recover(life) })
		n.places.Run(life, n.drive)
		wg.Wait()
		err = errSuperseded
	}
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("initiate: %w", err)
}

// recover takes up what is open: at the start, and again and again.
func (n *Initiator) recover(ctx context.Context) {
	tick := time.Tick(passPause)
	for last := (time.Time{}); ctx.Err() == nil; {
		parkedToo := time.Since(last) >= parkedPause
		if parkedToo {
			last = time.Now()
		}
		open, err := n.Open(ctx, false)
		for _, o := range open {
			if o.Parked == "" || parkedToo {
				err = errors.Join(err, n.takeUp(ctx, o.ID))
			}
		}
		if err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "recovery will look again", "error", err)
		}
		select {
		case <-tick:
		case <-ctx.Done():
		}
	}
}

// takeUp has one transaction carried on with, if no run works on it yet.
func (n *Initiator) takeUp(ctx context.Context, id string) error {
	r, isNew, err := n.places.Begin(ctx, id, places.Old)
	if err != nil || !isNew {
		return err
	}
	defer r.Drop()
	t, err := n.lookUp(ctx, id, func(*sqlite.Tx) error { return nil })
	if err != nil || len(t.waiting) == 0 { // it may be finished by now
		return err
	}
	r.Set(progress{Transaction: t})
	r.Hand()
	return nil
}

// Release has a parked transaction tried again, when an operator has repaired the
// participant. The errors: httpapi.NotFound if it is not parked; httpapi.InFlight while it
// is being tried, since the refusal may be older than the repair.
func (n *Initiator) Release(ctx context.Context, id string) error {
	parked, err := n.Open(ctx, true)
	if err != nil {
		return err
	}
	for _, o := range parked {
		if o.ID != id {
			continue
		}
		if n.places.Find(id) != nil {
			return httpapi.InFlight.With("%s is being tried", id)
		}
		return n.takeUp(ctx, id)
	}
	return httpapi.NotFound.With("%s is not parked", id)
}
