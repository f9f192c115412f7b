// Package saga carries out a transaction across services as a sequence of local
// ones, each committed at once, and undone by its compensation when a later one
// is refused (Garcia-Molina and Salem, Sagas, 1987).
//
// The orchestrator keeps one record for each saga. It names all steps and their
// compensations, and is on the disk before the first call goes out: whoever
// finds it after a crash knows all that may have been done. Which of it was
// done, nobody needs to know, since every participant knows each step again: to
// recover is to ask again.
package saga

import (
	"slices"

	"example.com/dtx/internal/httpapi"
)

// Step is a call to a participant, and how to undo it.
//
// The first step that cannot be undone is the pivot: when it is done, the saga
// will be. Steps before it may be refused; steps after it must not, and are
// retried until they are done (Mehrotra et al., A Transaction Model for
// Multidatabase Systems, 1992; Richardson, Microservices Patterns, 2018, 4.3.2).
type Step struct {
	Name string `json:"name"`
	Do   string `json:"do"`            // the URL that carries it out
	Undo string `json:"undo,omitzero"` // the URL of its compensation; none from the pivot on
	Body Body   `json:"body"`          // of both
}

// Body is what a participant is asked for.
type Body struct {
	Name   string `json:"name"`
	Amount int64  `json:"amount"`
}

// Saga is a transaction in steps.
type Saga struct {
	ID      string // the Idempotency-Key of all its calls
	Request string // what the client has asked for: an ID belongs to one request
	Steps   []Step // how this is done; the next release may do it otherwise
	State   State
	From    int          // the step from which it is being undone, or was
	Why     httpapi.Kind // it is undone
}

// State is how far a saga has come, as its record says. A crash may leave the
// record behind the truth, but never in contradiction to it.
type State string

// The states of a saga.
const (
	Running State = "running" // forward; perhaps past its pivot
	Undoing State = "undoing" // decided: it will be undone
	Done    State = "done"
	Undone  State = "undone"
)

// pivot returns the index of the first step that cannot be undone. If there is
// none, any step may be refused, and it lies behind the last.
func (s Saga) pivot() int {
	i := slices.IndexFunc(s.Steps, func(step Step) bool { return step.Undo == "" })
	if i < 0 {
		return len(s.Steps)
	}
	return i
}
