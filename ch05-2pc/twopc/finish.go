package twopc

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
)

const (
	maxTries    = 4                // to tell a decision, before it is left to recovery
	passPause   = 5 * time.Second  // between two passes of recovery
	parkedPause = 10 * time.Minute // before what is parked is tried again
)

// Run tells decisions to the participants, first those that the process before this
// one has left open. It returns when ctx is done and all this work has ended. An error
// ends the process: it has failed to count its start, or a later coordinator has
// counted its own.
func (c *Coordinator) Run(ctx context.Context) error {
	c.life, c.end = context.WithCancel(ctx)
	err := c.takeEpoch(ctx)
	if err == nil {
		close(c.ready)
		var wg sync.WaitGroup
		wg.Go(func() { c.places.Run(c.life, c.finish) })
		c.recover(c.life)
		wg.Wait()
		err = errSuperseded
	}
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("coordinate: %w", err)
}

// recover takes up the open decisions that have no run: after a start all of them,
// later those that finish has given up. It also notices that a later coordinator has
// started, before a customer does.
func (c *Coordinator) recover(ctx context.Context) {
	tick := time.Tick(passPause)
	for last := (time.Time{}); ctx.Err() == nil; {
		parkedToo := time.Since(last) >= parkedPause
		if parkedToo {
			last = time.Now()
		}
		open, err := c.Open(ctx, false)
		err = errors.Join(err, c.check(ctx))
		for _, o := range open {
			if o.Parked == "" || parkedToo {
				err = errors.Join(err, c.takeUp(ctx, o))
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

// takeUp has an open decision told again, if that is not under way.
func (c *Coordinator) takeUp(ctx context.Context, o Entry) error {
	id, _ := ParseID(o.ID)
	run, isNew, err := c.places.Begin(ctx, id.Order, places.Old)
	if err != nil || !isNew {
		return err
	}
	defer run.Drop() // if it is not handed over
	run.Set(decision{id, strings.Fields(o.Waiting)})
	run.Hand()
	return nil
}

// finish is the second phase: it tells a decision to the participants, round by
// round, until each has acknowledged it, and notes the end. If all that are left
// refuse, the decision is parked.
func (c *Coordinator) finish(ctx context.Context, run *places.Run[decision]) {
	d := run.Now()
	for try := 1; ; try++ {
		refusals := c.tell(ctx, &d)
		isOver := len(refusals) == len(d.waiting) // by now all have acknowledged, or refused
		if isOver && c.note(ctx, d, strings.Join(refusals, "; ")) == nil {
			return
		}
		if try == maxTries || run.Pause(ctx, try) != nil {
			return
		}
	}
}

// tell is one round: it tells a decision to all that have not acknowledged it. A
// participant refuses only if it has looked the branch up and is not prepared.
func (c *Coordinator) tell(ctx context.Context, d *decision) (refusals []string) {
	told := atOnce(d.waiting, func(p string) error {
		answer, err := call[Answer](ctx, c, p, "commit", d.id, struct{}{})
		if err == nil && answer.State != Committed {
			err = fmt.Errorf("%s answers %q", p, answer.State)
		}
		return err
	})
	var waiting []string
	for i, p := range d.waiting {
		if told[i] != nil {
			waiting = append(waiting, p)
		}
		if errors.Is(told[i], httpapi.NotFound) {
			refusals = append(refusals, told[i].Error())
		}
	}
	d.waiting = waiting
	return refusals
}

// Release has a parked decision told again, when an operator has repaired the
// participant. The errors: httpapi.NotFound if it is not parked; httpapi.InFlight while it
// is being told, since the refusal may be older than the repair.
func (c *Coordinator) Release(ctx context.Context, id string) error {
	parked, err := c.Open(ctx, true)
	if err != nil {
		return err
	}
	for _, o := range parked {
		if o.ID != id {
			continue
		}
		if order, _ := ParseID(id); c.places.Find(order.Order) != nil {
			return httpapi.InFlight.With("%s is being told", id)
		}
		return c.takeUp(ctx, o)
	}
	return httpapi.NotFound.With("%s is not parked", id)
}
