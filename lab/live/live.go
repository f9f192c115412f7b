// Package live is the language between a chapter that runs and a page that shows
// it: one JSON object a line, commands to the chapter's standard input, and what
// happens from its standard output. When its input ends, the chapter ends.
//
// A service that has died stays down, whatever killed it: a command, a planned
// fault, or a COMMIT whose outcome it does not know. So there is time to look at
// what it leaves in doubt, and its clients meet a shop without it; they give up
// after the tries that their scenario has. Restart starts it again.
//
// Commands are begun in the order in which they come. Reset, Plan, Crash,
// Restart, Cut and Heal have been carried out before the next one begins; the
// others go on beside it, at most 64 at a time, and end with the run at the
// latest. A command that is refused changes nothing. The reply to a line that is
// no command has its id, or 0 if there is none.
//
// It imports no database and needs no C compiler.
package live

import (
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
)

// Verb is what a command asks for.
type Verb string

// The verbs. Each is answered by a Reply when it has been carried out: Play and
// Place when the clients have their answers, Next when the fault has struck.
const (
	// Reset begins anew: fresh databases, no events, no faults. Variant is optional.
	Reset Verb = "reset"
	Play  Verb = "play" // Scenario: place its orders as its clients do
	// Place is for one Order. The same order again is the same client asking again.
	Place Verb = "place"
	// Plan lets Fault strike when the run comes to its point, which is still to come.
	Plan Verb = "plan"
	// Next lets Kind strike at the next point where it can. Service, whose point it is,
	// and Peer, whom it asks there, narrow it down.
	Next    Verb = "next"
	Crash   Verb = "crash"   // Service: kill it now
	Restart Verb = "restart" // Service: start it again
	Cut     Verb = "cut"     // Service and Peer, one may be the client: nothing passes between them
	Heal    Verb = "heal"    // Service and Peer: it passes again
	// Settle waits until all is at rest, then audits. It is refused while a service is
	// down or a link is cut.
	Settle Verb = "settle"
)

// Command is a line that a live chapter reads.
type Command struct {
	ID       int        `json:"id"` // the Reply has the same
	Do       Verb       `json:"do"`
	Variant  string     `json:"variant,omitempty"`
	Scenario string     `json:"scenario,omitempty"`
	Order    *Order     `json:"order,omitempty"`
	Fault    string     `json:"fault,omitempty"` // the fault as fault.Parse reads it
	Kind     fault.Kind `json:"kind,omitempty"`
	Service  string     `json:"service,omitempty"`
	Peer     string     `json:"peer,omitempty"`
	// Reset: until Settle, what dies is started again at once, as in a terminal.
	Restarts bool `json:"restarts,omitempty"`
}

// Order is what a customer wants.
type Order struct {
	Key      string `json:"key"`
	Customer string `json:"customer"`
	Item     string `json:"item"`
	Quantity int    `json:"quantity"`
	Slot     string `json:"slot"`
}

// Line is a line that a live chapter says. Exactly one of its fields is set.
type Line struct {
	Hello *Hello `json:"hello,omitempty"` // first, and after each Reset
	// Event is an event as it happens; its Data.Fault and Point name the fault that
	// struck there.
	Event *event.Event `json:"event,omitempty"`
	State *State       `json:"state,omitempty"` // when it has changed, ten times a second at most
	Reply *Reply       `json:"reply,omitempty"` // the answer to a command
	// Failure says that the laboratory itself cannot go on, or that the run is too long.
	// It is the last line.
	Failure string `json:"failure,omitempty"`
}

// Hello says what there is.
type Hello struct {
	Chapter   string     `json:"chapter"`
	Title     string     `json:"title"`
	Variant   string     `json:"variant"` // the variant that is running
	Variants  []About    `json:"variants"`
	Scenarios []Scenario `json:"scenarios"`
	Columns   []string   `json:"columns"` // the actors of the drawing, the client first
	Kinds     []About    `json:"kinds"`   // faults that Next can strike with
}

// About is a name with a line about it.
type About struct {
	Name  string `json:"name"`
	About string `json:"about"`
}

// Scenario is a situation that can be played.
type Scenario struct {
	Name   string  `json:"name"`
	Orders []Order `json:"orders"`
}

// Reply ends a command.
type Reply struct {
	ID    int    `json:"id"`
	Error string `json:"error,omitempty"` // why the command was not carried out
	Told  []Told `json:"told,omitempty"`  // what the clients of Play and Place were told
	// Fault is the name, as the tests write it, of what will strike (after Plan) or of what
	// has struck (after Next).
	Fault string `json:"fault,omitempty"`
	// Command repeats the run so far in a terminal, after Play and Settle. It is empty if no
	// command can: something was done by hand, or not one scenario was played.
	Command string   `json:"command,omitempty"`
	Verdict *Verdict `json:"verdict,omitempty"` // the verdict of Settle
}

// Told is an answer that a client had.
type Told struct {
	Order  string `json:"order"`
	Status int    `json:"status"` // 0: no answer
	Text   string `json:"text"`
}

// Verdict is an audit at rest.
type Verdict struct {
	Findings []string `json:"findings"` // empty: nothing is broken
}

// State is what the databases say now.
type State struct {
	Seq      int       `json:"seq"` // the last event's number when the databases were read
	Accounts []Account `json:"accounts"`
	Effects  []Effect  `json:"effects"`
	Stuck    []string  `json:"stuck"` // holds, locks, prepared branches, open sagas, unsent events
	Down     []string  `json:"down"`  // services that are dead
	Meter    Meter     `json:"meter"`
	Wrong    []string  `json:"wrong"` // what the meter stands on
	Plain    string    `json:"plain"` // the effects in money and goods
}

// Meter says whether units, money and places add up.
type Meter string

// The readings of the meter.
const (
	Whole   Meter = "whole"
	Between Meter = "between" // wrong now, and something is still under way, or a service is down
	// Broken is wrong, and at rest: nothing is at work, and what is stuck has not moved
	// for ten seconds.
	Broken Meter = "broken"
)

// Account is a balance of a service.
type Account struct {
	Service string `json:"service"`
	Kind    string `json:"kind"` // stock, payment, delivery: one service can have them all
	Name    string `json:"name"`
	Before  int64  `json:"before"` // the amount at the start
	Amount  int64  `json:"amount"`
}

// Effect is what an order has done.
type Effect struct {
	Service string `json:"service"`
	Kind    string `json:"kind"`
	Order   string `json:"order"`
	Account string `json:"account"`
	Amount  int64  `json:"amount"`
}
