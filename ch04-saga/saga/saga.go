// Package saga carries out a transaction across services as a sequence of local
// transactions. Each is committed at once; when a later one is refused, those
// before it are compensated (Garcia-Molina and Salem, Sagas, 1987).
//
// The orchestrator keeps one record for each saga. The record names all steps and
// their compensations, and it is on the disk before the first call goes out: after
// a crash it says what may have been done. It does not say what was done, because
// each participant remembers its own part: to recover is to call again.
package saga

import (
	"slices"

	"example.com/dtx/internal/httpapi"
)

// Step is a call to a participant, and the call that compensates it.
//
// The first step without a compensation is the pivot: when it is done, the saga
// will be completed. Steps before the pivot are compensable. Steps after it are
// retriable: they are not refused, and are retried until they are done (Mehrotra
// et al., A Transaction Model for Multidatabase Systems, 1992; Richardson,
// Microservices Patterns, 2018, 4.3.2).
type Step struct {
	Name         string `json:"name"`
	Forward      string `json:"forward"`               // URL
	Compensation string `json:"compensation,omitzero"` // URL; empty from the pivot on
	Body         Body   `json:"body"`                  // body of both calls
}

// Body is what a participant is asked for.
type Body struct {
	Name   string `json:"name"`
	Amount int64  `json:"amount"`
}

// Saga is a transaction in steps, as its record says.
type Saga struct {
	ID    string // the Idempotency-Key of all calls
	Steps []Step // the steps when it was recorded: the next release may have others
	State State
	Open  bool         // calls are still to be made
	From  int          // index of the step at which the compensation begins
	Why   httpapi.Kind // reason for the compensation
}

// State is the outcome of a saga, as far as it is known.
type State string

// The states of a saga.
const (
	Running      State = "running"      // the pivot may have been called
	Compensating State = "compensating" // decided: all that was done will be compensated
	Done         State = "done"         // the pivot is done; the steps after it will be
	Compensated  State = "compensated"
)

// Pivot returns the index of the first step without a compensation. If all steps
// have one, each may be refused, and the pivot lies behind the last.
func (s Saga) Pivot() int {
	i := slices.IndexFunc(s.Steps, func(step Step) bool { return step.Compensation == "" })
	if i < 0 {
		return len(s.Steps)
	}
	return i
}
