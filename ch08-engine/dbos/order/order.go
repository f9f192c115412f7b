// Package order takes the orders, and has a durable-execution engine carry each out.
//
// The engine keeps a record of each step in PostgreSQL. When its process has died, the
// workflow runs again from its first line, and each step that has a record returns it.
// A step without a record is called again, and it may have been done before.
package order

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/dbos-inc/dbos-transact-golang/dbos"

	"example.com/dtx/internal/httpapi"
)

const (
	callTimeout = time.Second
	maxRetries  = 3             // of a call that may be given up
	forEver     = math.MaxInt32 // retries of all others
)

// Order is the input of the workflow, whose ID is the order's key.
type Order struct {
	Request
	Cents int64 `json:"cents"` // the price of all
}

// account is what a participant takes from, and how much.
type account struct {
	Name   string `json:"name"`
	Amount int64  `json:"amount"`
}

// Step is a call of a participant.
type Step struct {
	Forward, Compensation string // URLs; the compensation may be empty
	account
	retries int
	decided bool // the order stands, or falls: a refusal counts as no answer
}

// Steps are what an order needs of the participants. What cannot be compensated, a place
// in tomorrow's van, is the pivot: a call that may have booked it is never given up.
func Steps(o Order) []Step {
	units, cents := account{o.Item, o.Quantity}, account{o.Customer, o.Cents}
	return []Step{
		{"http://stock/take", "http://stock/give-back", units, maxRetries, false},
		{"http://payment/authorize", "http://payment/void", cents, maxRetries, false},
		{"http://delivery/book", "", account{o.Slot, 1}, forEver, false}, // the pivot
		{"http://payment/capture", "", cents, forEver, true},
	}
}

// carryOut is the workflow. Its result is why the order is refused; empty if it is not.
func (s *Service) carryOut(ctx dbos.Context, o Order) (httpapi.Kind, error) {
	var compensations []Step
	for _, next := range s.steps(o) {
		if next.Compensation != "" { // noted first: a call without an answer may be done
			undo := Step{next.Compensation, "", next.account, forEver, true}
			compensations = append(compensations, undo)
		}
		why, err := s.call(ctx, next)
		if errors.Is(err, dbos.ErrMaxStepRetriesExceeded) {
			why, err = httpapi.GivenUp, nil
		}
		if err != nil {
			return "", err
		}
		if why != "" {
			return why, s.compensate(ctx, compensations)
		}
	}
	return "", nil
}

// compensate calls the compensations in reverse order, each until it is done.
func (s *Service) compensate(ctx dbos.Context, list []Step) error {
	for i := len(list) - 1; i >= 0; i-- {
		if _, err := s.call(ctx, list[i]); err != nil {
			return err
		}
	}
	return nil
}

// call is a step of the workflow. Its result is why the participant refuses. Without an
// answer the engine calls again, and the participant remembers what it did.
func (s *Service) call(ctx dbos.Context, next Step) (httpapi.Kind, error) {
	id, err := dbos.GetWorkflowID(ctx)
	if err != nil {
		return "", err
	}
	return dbos.RunAsStep(ctx, func(ctx context.Context) (httpapi.Kind, error) {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		_, err := httpapi.Post[account](ctx, s.client, next.Forward, id, next.account)
		problem, refused := errors.AsType[*httpapi.Problem](err)
		if refused && httpapi.Judged(err) && !next.decided {
			return problem.Type, nil
		}
		return "", err
	}, dbos.WithStepName(next.Forward), dbos.WithStepMaxRetries(next.retries))
}
