package exercise

import "example.com/dtx/course/stub"

// Fault is a kind of fault.
type Fault string

// The faults at a commit.
const (
	CrashBefore  Fault = "crash before"         // the process dies; it is gone
	CrashAfter   Fault = "crash after"          // the process dies; it is durable
	DiskFull     Fault = "disk full"            // COMMIT fails, and nothing is applied
	ErrorApplied Fault = "error though applied" // COMMIT fails, and all is applied
	PowerCut     Fault = "power cut"            // it dies, and its disk keeps only what was forced
)

// The faults of a transaction whose process lives on.
const (
	NotBegun        Fault = "not begun"              // it does not begin, and nothing is done
	FirstStatement  Fault = "first statement fails"  // nothing is done
	LastStatement   Fault = "last statement fails"   // nothing is done
	DiskFullAMinute Fault = "disk full for a minute" // COMMIT fails, and each one after it
	LostFsync       Fault = "lost fsync"             // COMMIT fails; a later power cut undoes it
)

// The faults of a request or its answer.
const (
	Lost        Fault = "lost"                    // the request never arrives
	ReplyLost   Fault = "reply lost"              // it is served, and its answer never arrives
	Twice       Fault = "delivered twice"         // it is repeated when it has been served
	TwiceAtOnce Fault = "delivered twice at once" // both copies are served at the same time
	Late        Fault = "delivered late"          // it arrives after the sender gave up
	AtRest      Fault = "delivered at rest"       // it arrives when all is at rest
	Partition   Fault = "partition"               // the link is cut both ways for 15 s
	Stranger404 Fault = "stranger answers 404"    // something else answers it
	Stranger502 Fault = "stranger answers 502"    // the same, in HTML
	Stranger200 Fault = "stranger answers 200"    // the same, with {}
)

// The faults of a process and of its caller. (When the customer disconnects, her context
// is cancelled.)
const (
	Crash              Fault = "crash"                 // it dies before it sends, or on receipt
	CrashOnReply       Fault = "crash on reply"        // it dies when it receives an answer
	CrashBeforeReply   Fault = "crash before reply"    // it dies between its work and its answer
	CrashAfterReply    Fault = "crash after reply"     // it dies when its answer has arrived
	PowerCutAfterReply Fault = "power cut after reply" // the same; its disk keeps what was forced
	GoodOrder          Fault = "good order"            // it is told to end, and is started again
	HangUp             Fault = "hang up"               // the caller that waits for it goes away
	Pause              Fault = "pause"                 // the process stands still for 15 s
	Slow               Fault = "slow"                  // only one step stands still for 15 s
)

// Remaining returns the kinds of fault that still break an order, at one point or more, with
// your Take and Ask. ada orders once. After 10 s without an answer she disconnects, and does
// not ask again.
//
// Take one group after the other, before you run the tests: which process still knows, after
// the fault, what is to be done?
func Remaining() ([]Fault, error) {
	return nil, stub.NotWritten()
}
