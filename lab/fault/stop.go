package fault

import "time"

// Step says how far a use of a boundary has come. A fault point has one or two
// steps at which the laboratory takes part.
type Step string

// The steps, in the order in which one request meets them.
const (
	Sending    Step = "sending"    // the sender is about to send
	Receiving  Step = "receiving"  // the receiver has the request
	Beginning  Step = "beginning"  // a transaction is about to queue for the database
	Reading    Step = "reading"    // a read is about to begin
	Joining    Step = "joining"    // a transaction is done, and another one could share its commit
	Committing Step = "committing" // a transaction is about to commit
	Committed  Step = "committed"  // it has committed
	Replying   Step = "replying"   // the receiver is about to answer
	Answered   Step = "answered"   // the sender has the answer
	Ignored    Step = "ignored"    // an answer came when the sender did not wait for it any more
	Failed     Step = "failed"     // an error instead: refused, reset, or out of patience
	Held       Step = "held"       // the network keeps a request until all is at rest
)

// Stop is what a boundary tells the laboratory when it comes to a step.
type Stop struct {
	Step    Step   `json:"step"`
	Point   Point  `json:"point"`             // N is the laboratory's to give, in the Ruling
	Message string `json:"message,omitempty"` // the request received, answered or failed
	Reply   string `json:"reply,omitempty"`   // the message that answers it
	Serving string `json:"serving,omitempty"` // the request in whose service this happens
	Text    string `json:"text,omitempty"`    // e.g. the answer's status
	Forced  bool   `json:"forced,omitempty"`  // a commit on the disk, not only in the file
	// Begun is the number with which a transaction began that is about to commit.
	Begun      int `json:"begun,omitempty"`
	Statements int `json:"statements,omitempty"` // the number that it has run by then
	// Gone says that the sender waits no longer, or that the request has not arrived
	// and never will.
	Gone bool `json:"gone,omitempty"`
}

// When says when a request is delivered.
type When string

// The times of delivery.
const (
	Now        When = ""
	WhenGaveUp When = "gave up" // after the sender's patience ended
	WhenAtRest When = "at rest" // after everything else ended
)

// Ruling is the laboratory's answer to a stop.
type Ruling struct {
	Point    Point    `json:"point"`              // the point with its number
	Messages []string `json:"messages,omitempty"` // the copies to deliver
	AtOnce   bool     `json:"atOnce,omitempty"`   // deliver the copies at the same time
	When     When     `json:"when,omitempty"`
	Lost     bool     `json:"lost,omitempty"`   // deliver nothing
	HangUp   bool     `json:"hangUp,omitempty"` // the caller of the served request has gone
	// Fail is what fails: a COMMIT, a BEGIN, or a call that a stranger answers.
	Fail      Kind `json:"fail,omitempty"`
	Statement int  `json:"statement,omitempty"` // the statement that fails, from 1
	End       bool `json:"end,omitempty"`       // the process is told to end in good order
}

// InVain tells whether the sender of a message gets no answer: it waits until its patience ends.
func (r Ruling) InVain() bool { return r.Lost || r.When != Now }

// Deed is what a ruling asks of the world itself.
type Deed struct {
	Crash    string        // this service's process dies
	PowerCut bool          // its disk also falls back to what was forced
	Hold     time.Duration // the stop goes on after this time
	Pause    bool          // the rest of its process also goes on only then
	Replace  string        // this service's process is taken for dead; the stop comes back
	Asleep   bool          // when its successor is at rest
}
