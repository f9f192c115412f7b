// Package tcc is TCC (try, confirm, cancel): its initiator.
//
// First the initiator writes down, on its disk, which participants it will ask. Then it
// asks all of them to try: to reserve what the order needs. If all have, it forces its
// decision, and has each confirm until it has acknowledged. In every other case it
// decides to cancel, and has each cancel, also those that have not answered.
//
// A process that finds a transaction without a decision cancels it: no customer was
// promised anything yet.
//
// Pat Helland, Life beyond Distributed Transactions, 2007, who calls a reservation a
// tentative operation; Guy Pardon and Cesare Pautasso, Towards Distributed Atomic
// Transactions over RESTful Services, 2011, who name its three operations.
package tcc

import (
	"strings"

	"example.com/dtx/internal/httpapi"
)

// State is how far a transaction has come.
type State string

// The states of a transaction. The last two are decisions: they are final.
const (
	Trying     State = "trying"
	Confirming State = "confirming" // or confirmed, if no participant is waited for
	Cancelling State = "cancelling" // or cancelled
)

// Transaction is what the log knows of one.
type Transaction struct {
	ID    string
	State State
	Why   httpapi.Kind // reason for the cancel

	waiting []string // the participants that have not acknowledged the decision
}

// Waiting lists the participants that have not acknowledged the decision, with a space
// between two.
func (t Transaction) Waiting() string { return strings.Join(t.waiting, " ") }

// Operation is what a participant is asked for.
type Operation string

// The operations. Their names are their paths, too.
const (
	Try     Operation = "try"
	Confirm Operation = "confirm"
	Cancel  Operation = "cancel"
)

// Answer is how a participant acknowledges an operation: whatever else answers on its
// behalf does not know the word.
type Answer struct {
	Done Operation `json:"done"`
}

// Branch is a participant's part in a transaction.
type Branch struct {
	Participant string // its host
	Try         any    // what it is asked to reserve, as JSON
}

func names(branches []Branch) (list []string) {
	for _, b := range branches {
		list = append(list, b.Participant)
	}
	return list
}
