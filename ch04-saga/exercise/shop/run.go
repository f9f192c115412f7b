package shop

import (
	"context"
	"slices"
	"time"

	"example.com/dtx/ch04-saga/saga"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/places"
	"example.com/dtx/internal/sqlite"
)

const callTimeout = time.Second

// Run is the work on one saga.
type Run struct {
	o   *Orchestrator
	run *places.Run[progress]
}

// Call calls a step once. Unknown means that there was no answer: the step may have
// been done, or may yet be.
func (r *Run) Call(ctx context.Context, step saga.Step) httpapi.Outcome {
	return httpapi.OutcomeOf(r.post(ctx, step.Forward, step.Body))
}

// Compensate calls a step's compensation until it is done.
func (r *Run) Compensate(ctx context.Context, step saga.Step) error {
	for try := 1; r.post(ctx, step.Compensation, step.Body) != nil; try++ {
		if err := r.Pause(ctx, try); err != nil {
			return err
		}
	}
	return nil
}

// Pause waits after a try without success, the first being 1. The error says that the
// process is about to end.
func (r *Run) Pause(ctx context.Context, try int) error { return r.run.Pause(ctx, try) }

// Write writes the saga's state down, forced. It is finished if it is saga.Done or
// saga.Compensated.
func (r *Run) Write(ctx context.Context, state saga.State) error {
	p := r.run.Now()
	p.State, p.Why = state, httpapi.GivenUp
	p.Open = state != saga.Done && state != saga.Compensated
	err := r.o.db.Update(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec("UPDATE sagas SET state = ?, open = ?, why = ? WHERE id = ?",
			p.State, p.Open, p.Why, p.ID)
		return err
	})
	switch {
	case err != nil:
	case p.Open:
		r.run.Set(p)
	default:
		r.run.Decide(p)
	}
	return err
}

func (r *Run) post(ctx context.Context, url string, body saga.Body) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := httpapi.Post[saga.Body](ctx, r.o.client, url, r.run.ID, body)
	return err
}

// forward carries out a saga that was just recorded: there was no call before. It is
// impatient: a step before the pivot that does not answer at once is compensated.
func forward(ctx context.Context, r *Run, s saga.Saga) error {
	for i, step := range s.Steps {
		outcome := r.Call(ctx, step)
		for try := 1; outcome != httpapi.Done; try++ {
			if outcome == httpapi.Refused && i <= s.Pivot() || i < s.Pivot() {
				return compensate(ctx, r, s)
			}
			if err := r.Pause(ctx, try); err != nil {
				return err
			}
			outcome = r.Call(ctx, step)
		}
	}
	return r.Write(ctx, saga.Done)
}

// compensate calls the compensations in reverse order. The participants know what was
// done.
func compensate(ctx context.Context, r *Run, s saga.Saga) error {
	if err := r.Write(ctx, saga.Compensating); err != nil {
		return err
	}
	for _, step := range slices.Backward(s.Steps[:s.Pivot()]) {
		if err := r.Compensate(ctx, step); err != nil {
			return err
		}
	}
	return r.Write(ctx, saga.Compensated)
}
