package saga

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"example.com/dtx/internal/httpapi"
)

const (
	callTimeout = time.Second
	maxTries    = 4 // of one call, by one run
)

// errNoAnswer is returned when a call may have been done, or may yet be.
var errNoAnswer = errors.New("no answer")

// drive carries on with a saga from where its record stands. What it cannot finish
// stays open, for recovery.
func (o *Orchestrator) drive(ctx context.Context, r *run) {
	var cause error
	if r.Now().State != Compensating {
		cause = o.forward(ctx, r)
	}
	if r.Now().State == Compensating { // forward may have decided so
		cause = o.compensate(ctx, r)
	}
	if ctx.Err() != nil {
		return
	}
	if cause != nil {
		slog.WarnContext(ctx, "saga stays open", "saga", r.ID, "error", cause)
	}
	if err := o.note(ctx, r.Now().Saga, cause); err != nil && ctx.Err() == nil {
		slog.ErrorContext(ctx, "saga not noted", "saga", r.ID, "error", err)
	}
}

// forward calls the steps in order. A refusal by the pivot or a step
// before it makes the saga compensate; the step that was refused was not done.
//
// A step before the pivot without an answer makes it compensate, too, that step
// included, but only in the run that recorded the saga. Recovery cannot know
// whether an earlier run called the pivot, so it calls until it has an answer.
func (o *Orchestrator) forward(ctx context.Context, r *run) error {
	s := r.Now()
	pivot := s.Pivot()
	for i, step := range s.Steps {
		s.reached = i
		r.Set(s)
		err := o.call(ctx, r, step.Forward, step.Body)
		switch {
		case err == nil && i == pivot:
			s.State = Done
			r.Decide(s)
		case err == nil:
		case s.State == Running && httpapi.Judged(err):
			return o.turn(ctx, r, i-1, reason(err))
		case i < pivot && s.recorded && errors.Is(err, errNoAnswer):
			return o.turn(ctx, r, i, httpapi.GivenUp)
		default:
			return err
		}
	}
	s.State = Done
	r.Decide(s)
	return nil
}

// turn decides that a saga compensates its steps, beginning with one of them. The
// decision is forced: after a crash the compensations go on, and the customer hears
// the same answer.
func (o *Orchestrator) turn(ctx context.Context, r *run, from int, why httpapi.Kind) error {
	s := r.Now()
	s.State, s.From, s.Why = Compensating, from, why
	err := o.change(ctx, o.db.Update,
		"UPDATE sagas SET state = ?, from_step = ?, why = ? WHERE id = ? AND state = 'running'",
		s.State, s.From, s.Why, s.ID)
	if err == nil {
		r.Set(s)
	}
	return err
}

// compensate calls the compensations in reverse order.
func (o *Orchestrator) compensate(ctx context.Context, r *run) error {
	s := r.Now()
	for i := s.From; i >= 0; i-- {
		s.reached = i
		r.Set(s)
		if err := o.call(ctx, r, s.Steps[i].Compensation, s.Steps[i].Body); err != nil {
			return err
		}
	}
	s.State = Compensated
	r.Decide(s)
	return nil
}

// note writes down how a run leaves a saga. Without a cause no call is left to be made, and
// the saga is closed. With a cause it stays open, and it is parked if a participant refused
// what it must not refuse. It stays parked if no answer comes later. The write is not forced:
// if it is lost, recovery calls once more for what is done already.
func (o *Orchestrator) note(ctx context.Context, s Saga, cause error) error {
	var parked httpapi.Kind
	if httpapi.Judged(cause) {
		parked = reason(cause)
	}
	return o.change(ctx, o.db.UpdateUnforced,
		`UPDATE sagas SET state = ?1, open = ?2,
			parked = CASE WHEN ?2 AND ?3 = '' THEN parked ELSE ?3 END WHERE id = ?4 AND open = 1`,
		s.State, cause != nil, parked, s.ID)
}

// call makes a call until the participant has done it or has judged it. A call
// without an answer is made again: it may have been done, and the participant
// remembers that. After maxTries the error is errNoAnswer. A participant that cannot read
// a call has not judged it: its next release may.
func (o *Orchestrator) call(ctx context.Context, r *run, url string, body Body) error {
	for try := 1; ; try++ {
		err := o.post(ctx, r.ID, url, body)
		if err == nil || httpapi.Judged(err) || ctx.Err() != nil {
			return err
		}
		if try == maxTries {
			return fmt.Errorf("%w: %w", errNoAnswer, err)
		}
		if err := r.Pause(ctx, try); err != nil {
			return err // the process ends, or does not own the log any more
		}
	}
}

func (o *Orchestrator) post(ctx context.Context, id, url string, body Body) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := httpapi.Post[Body](ctx, o.client, url, id, body)
	return err
}

// reason returns the kind of a refusal.
func reason(err error) httpapi.Kind {
	problem, _ := errors.AsType[*httpapi.Problem](err)
	return problem.Type
}
