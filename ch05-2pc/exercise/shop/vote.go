package shop

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/places"
	"example.com/dtx/internal/sqlite"
)

// attempts is the number of transactions for an order, for want of votes.
const attempts = 3

// Commit carries an order out in all branches, or in none. A caller that hangs up ends
// nothing.
func (c *Coordinator) Commit(
	ctx context.Context, order string, branches []twopc.Branch, record twopc.Record,
) error {
	select {
	case <-c.ready:
	case <-time.After(patience):
		return httpapi.Unavailable.With("still starting")
	}
	ctx = context.WithoutCancel(ctx)
	run, isNew, err := c.places.Begin(ctx, order, places.New)
	if err != nil {
		return err
	}
	if !isNew {
		return httpapi.InFlight.With("%s is under way", order)
	}
	defer run.Drop()
	for n := 1; ; n++ {
		err := c.attempt(ctx, run, branches, record)
		if err == nil {
			run.Hand() // to the student's Finish
			return nil
		}
		notDone := httpapi.OutcomeOf(err) == httpapi.NotDone
		if !notDone || n == attempts || places.Pause(ctx, order, n) != nil {
			return err
		}
	}
}

// attempt is one transaction: the votes, and the decision.
func (c *Coordinator) attempt(
	ctx context.Context, run *places.Run[Decision], branches []twopc.Branch, record twopc.Record,
) error {
	d := Decision{ID: twopc.ID{Order: run.ID, Epoch: c.epoch, Attempt: c.issued.Add(1)}.String()}
	run.Set(d)
	var err error
	for _, b := range branches {
		d.Waiting = append(d.Waiting, b.Participant)
		if err = c.call(ctx, b.Participant, "prepare", d.ID, b.Prepare, twopc.Yes); err != nil {
			break
		}
	}
	if err == nil {
		run.Set(d)
		err = c.db.Update(ctx, func(tx *sqlite.Tx) error {
			_, err := tx.Exec("INSERT INTO decisions (order_id, id, waiting) VALUES (?, ?, ?)",
				run.ID, d.ID, strings.Join(d.Waiting, " "))
			if err != nil {
				return err
			}
			return record(tx, nil)
		})
	}
	if err == nil || errors.Is(err, sqlite.ErrUnknown) { // it may be decided, and may not
		return err
	}
	run.Set(Decision{})
	for _, p := range d.Waiting { // a participant that does not hear it asks
		_ = c.call(ctx, p, "abort", d.ID, struct{}{}, string(twopc.Aborted))
	}
	return c.refuse(ctx, err, record)
}

// refuse forces a refusal before the customer is told. Any other error means that a vote
// is missing.
func (c *Coordinator) refuse(ctx context.Context, err error, record twopc.Record) error {
	problem, ok := errors.AsType[*httpapi.Problem](err)
	if !ok || problem.Outcome() != httpapi.Refused {
		return httpapi.Unavailable.With("a vote is missing: %v", err)
	}
	failed := c.db.Update(ctx, func(tx *sqlite.Tx) error { return record(tx, problem) })
	if failed != nil {
		return failed
	}
	return problem
}

// call sends one message. Any answer but the wanted one is none.
func (c *Coordinator) call(
	ctx context.Context, participant, verb, id string, body any, want string,
) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	url := "http://" + participant + "/" + verb
	answer, err := httpapi.Post[map[string]string](ctx, c.client, url, id, body)
	if said := cmp.Or(answer["vote"], answer["state"]); err == nil && said != want {
		return fmt.Errorf("%s answers %q", participant, said)
	}
	return err
}
