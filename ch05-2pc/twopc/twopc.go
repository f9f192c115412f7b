// Package twopc is two-phase commit with presumed abort: its coordinator.
//
// First the coordinator asks every participant to prepare: to make sure, on its
// disk, that it can commit and that it can abort. If all have voted yes, the
// coordinator forces one record, the decision, and tells it to the participants
// until each has acknowledged it. In every other case the transaction is aborted,
// and no record says so: a transaction without a decision is aborted.
//
// Jim Gray, Notes on Data Base Operating Systems, 1978; C. Mohan, B. Lindsay,
// R. Obermarck, Transaction Management in the R* Distributed Database
// Management System, 1986, which presumes abort.
package twopc

import (
	"fmt"
	"strconv"
	"strings"
)

// ID names a transaction: one attempt at an order. No other attempt ever has the
// same ID, since every start of the coordinator has an epoch of its own (draw says how
// that holds for a log that is restored).
type ID struct {
	Order   string
	Epoch   int64 // the start of the coordinator; the first is 1
	Attempt int64 // the attempt, counted since that start; the first is 1
}

// String returns the ID as it stands in messages, such as "order-1.1.3".
func (id ID) String() string { return fmt.Sprintf("%s.%d.%d", id.Order, id.Epoch, id.Attempt) }

// ParseID reads what String has written. It returns false for any other text.
func ParseID(text string) (ID, bool) {
	fields := strings.Split(text, ".")
	if len(fields) < 3 {
		return ID{}, false
	}
	order, numbers := fields[:len(fields)-2], fields[len(fields)-2:]
	epoch, _ := strconv.ParseInt(numbers[0], 10, 64) // after an error String writes another text
	attempt, _ := strconv.ParseInt(numbers[1], 10, 64)
	id := ID{strings.Join(order, "."), epoch, attempt}
	return id, id.String() == text && id.Order != "" && epoch > 0 && attempt > 0
}

// Branch is a participant's part in a transaction.
type Branch struct {
	Participant string // its host
	Prepare     any    // what it is asked to prepare, as JSON
}

// Vote is a participant's answer to prepare. A participant that votes no answers
// with a problem instead.
type Vote struct {
	Vote string `json:"vote"`
}

// The votes that allow to commit.
const (
	Yes      = "yes"       // the branch is prepared, and waits for the decision
	ReadOnly = "read-only" // the branch has nothing to commit and is told nothing more
)

// State is what is known of a transaction.
type State string

// The states of a transaction. The coordinator answers an inquiry with one of
// them; a participant acknowledges with one of the last two.
const (
	Pending   State = "pending" // the votes are not counted yet: the participant has to wait
	Committed State = "committed"
	Aborted   State = "aborted"
)

// Answer is the answer to GET /transactions/{id}, POST /commit and POST /abort.
type Answer struct {
	State State `json:"state"`
}
