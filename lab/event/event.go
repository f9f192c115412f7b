// Package event is the record of one run: what happened, where, and in which
// order, and the drawings that are made of it.
//
// The package is pure: it knows neither databases nor processes, so that the
// terminal, the page, the figures of a lesson and a failing test all read the
// same record with the same code.
package event

// Kind says what sort of thing happened.
type Kind string

// The kinds of events.
const (
	Send     Kind = "send"     // a message left its sender
	Receive  Kind = "receive"  // a message arrived
	Drop     Kind = "drop"     // a message was lost and never arrives
	Commit   Kind = "commit"   // a transaction is durable
	Crash    Kind = "crash"    // a process died
	Restart  Kind = "restart"  // a process is up again, on the same files
	Replaced Kind = "replaced" // a process was taken for dead, and goes on under the peer's name
	State    Kind = "state"    // a word about a service: something worth reading in the drawing
	Verdict  Kind = "verdict"  // what the audit found at the end; it belongs to no service
)

// Event is one thing that happened in a run.
type Event struct {
	Seq     int    `json:"seq"`               // position in the run, from 1
	Lamport int    `json:"lamport"`           // Lamport's clock of the service (Lamport 1978)
	Service string `json:"service,omitempty"` // where it happened; the client is one, too
	Kind    Kind   `json:"kind"`
	Message string `json:"message,omitempty"` // joins a send to its receive or its drop, e.g. "m3"
	Point   string `json:"point,omitempty"`   // the fault point that was passed
	Data    Data   `json:"data,omitzero"`
}

// Data is what a drawing writes beside an event.
type Data struct {
	Peer   string `json:"peer,omitempty"`   // the other end of a message
	Text   string `json:"text,omitempty"`   // e.g. "POST /charge order-1", "201"
	Fault  string `json:"fault,omitempty"`  // the planned fault that struck here, e.g. "reply lost"
	Reply  bool   `json:"reply,omitempty"`  // the message answers another one
	Forced bool   `json:"forced,omitempty"` // the commit was forced to the disk before it returned
}
