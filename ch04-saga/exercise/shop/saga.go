// Package shop is the shop of the exercise: participants, and one service that
// takes the orders and conducts their sagas. What a participant does when a call
// comes again, which steps an order has, and what is done after a crash, is for
// the student to say.
package shop

import (
	"context"
	"slices"

	"example.com/dtx/ch04-saga/order"
	"example.com/dtx/internal/httpapi"
)

// Step is a call to a participant, and the one that undoes it. The first step
// that has no Undo is the pivot: before it a saga can go back, and once it is
// done, the saga will be done.
type Step struct {
	Do   string // a URL
	Undo string // a URL; empty if nothing can undo it
	Amount
}

// Saga is an order that is being carried out.
type Saga struct {
	Order order.Order
	Steps []Step
	Phase Phase
}

// Phase is how far a saga is, as its record says.
type Phase string

// The phases of a saga. Its record has the first before the first call goes out.
const (
	Forward  Phase = "forward"
	Backward Phase = "backward" // decided: all is undone
	Finished Phase = "finished" // it has ended
	Reversed Phase = "reversed" // it has ended, and all is undone
)

// Pivot returns the index of the first step that cannot be undone.
func (s Saga) Pivot() int {
	if i := slices.IndexFunc(s.Steps, func(step Step) bool { return step.Undo == "" }); i >= 0 {
		return i
	}
	return len(s.Steps)
}

// Yours is what a student plugs into the conductor.
type Yours struct {
	Plan    func(order.Order) ([]Step, error)
	Recover func(context.Context, *Conductor, Saga) error
}

// carry carries out a saga that has just been recorded: nobody has called
// anything before. This conductor is impatient: before the pivot, a step that
// does not answer at once is given up, and undone.
func (c *Conductor) carry(ctx context.Context, s Saga) error {
	for i, step := range s.Steps {
		outcome := c.Ask(ctx, s, step)
		for try := 1; outcome != httpapi.Done; try++ {
			if outcome == httpapi.Refused && i <= s.Pivot() || i < s.Pivot() {
				return c.back(ctx, s)
			}
			if err := c.Pause(ctx, s, try); err != nil {
				return err
			}
			outcome = c.Ask(ctx, s, step)
		}
	}
	return c.End(ctx, s, Finished)
}

// back undoes in reverse what may have been done. The participants know what was.
func (c *Conductor) back(ctx context.Context, s Saga) error {
	if err := c.Turn(ctx, s); err != nil {
		return err
	}
	for _, step := range slices.Backward(s.Steps[:s.Pivot()]) {
		if err := c.Undo(ctx, s, step); err != nil {
			return err
		}
	}
	return c.End(ctx, s, Reversed)
}
