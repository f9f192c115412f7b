package saga

import (
	"context"
	"errors"

	"example.com/dtx/internal/httpapi"
)

// drive brings a saga to its end. An error leaves the saga as its record says,
// for whoever takes it up next.
func (e *Engine) drive(ctx context.Context, r *run) error {
	s := r.now()
	if s.State == Running {
		if err := e.forward(ctx, r, &s); err != nil {
			return err
		}
	}
	if s.State == Undoing {
		if err := e.backward(ctx, r, &s); err != nil {
			return err
		}
	}
	r.decide(s)
	return e.end(ctx, s)
}

// forward carries out the steps in order. The first that is refused turns the
// saga round. From the pivot on there is no way back.
//
// Only whoever has begun the saga may give it up, since nobody else knows that
// the pivot has not been called yet: recovery goes on until it has an answer.
func (e *Engine) forward(ctx context.Context, r *run, s *Saga) error {
	pivot := s.pivot()
	for i, step := range s.Steps {
		r.reach(i)
		if i > pivot {
			if err := e.insist(ctx, s.ID, step.Do, step.Body); err != nil {
				return err
			}
			continue
		}
		tries := 0
		if r.begun && i < pivot {
			tries = maxTries
		}
		err := e.ask(ctx, s.ID, step.Do, step.Body, tries)
		switch outcome := httpapi.OutcomeOf(err); {
		case ctx.Err() != nil:
			return ctx.Err()
		case outcome == httpapi.Refused:
			return e.back(ctx, r, s, i-1, reason(err))
		case outcome != httpapi.Done: // it may have been done, so it is undone, too
			return e.back(ctx, r, s, i, httpapi.GivenUp)
		case i == pivot:
			r.decide(Saga{ID: s.ID, State: Done})
		}
	}
	s.State = Done
	return nil
}

// back turns a saga round.
func (e *Engine) back(ctx context.Context, r *run, s *Saga, from int, why httpapi.Kind) error {
	s.State, s.From, s.Why = Undoing, from, why
	if err := e.turn(ctx, *s); err != nil {
		return err
	}
	r.set(*s)
	return nil
}

// reason is why a step was refused.
func reason(err error) httpapi.Kind {
	if p, ok := errors.AsType[*httpapi.Problem](err); ok {
		return p.Type
	}
	return httpapi.Internal
}

// backward undoes the steps in reverse order.
func (e *Engine) backward(ctx context.Context, r *run, s *Saga) error {
	for i := s.From; i >= 0; i-- {
		r.reach(i)
		if err := e.insist(ctx, s.ID, s.Steps[i].Undo, s.Steps[i].Body); err != nil {
			return err
		}
	}
	s.State = Undone
	return nil
}
