package exercise

// Fault is a kind of fault.
type Fault string

// What can befall a commit.
const (
	CrashBefore  Fault = "crash before"         // the process dies, the transaction is gone
	CrashAfter   Fault = "crash after"          // the process dies, the transaction is durable
	DiskFull     Fault = "disk full"            // COMMIT fails, and nothing is applied
	ErrorApplied Fault = "error though applied" // COMMIT fails, and all is applied
	PowerCut     Fault = "power cut"            // the process dies, and its disk keeps only what was forced
)

// What can befall a request or its answer.
const (
	Lost        Fault = "lost"                    // the request never arrives
	ReplyLost   Fault = "reply lost"              // it is served, and its answer never arrives
	Twice       Fault = "delivered twice"         // it is repeated when it has been served
	TwiceAtOnce Fault = "delivered twice at once" // both copies are served at the same time
	Late        Fault = "delivered late"          // it arrives after the sender has given up waiting
	AtRest      Fault = "delivered at rest"       // it arrives after everything else has come to an end
	Partition   Fault = "partition"               // the link is cut both ways for 15 s
)

// What can befall a process, and whoever waits for it. (If the customer is gone,
// so is her context.)
const (
	Crash            Fault = "crash"              // it dies before it sends, or on receipt
	CrashOnReply     Fault = "crash on reply"     // it dies when the answer to its request arrives
	CrashBeforeReply Fault = "crash before reply" // it has served a request, and dies before it answers
	CrashAfterReply  Fault = "crash after reply"  // it dies when its answer has arrived
	HangUp           Fault = "hang up"            // whoever waits for the answer goes away
	Pause            Fault = "pause"              // the process stands still for 15 s
	Slow             Fault = "slow"               // one step stands still for 15 s, the rest of the process goes on
)

// Remaining returns the kinds of fault that still break an order, at one point at
// least, when Take and Ask are yours. ada orders once; if she has no answer after
// 10 s, she goes away, and does not ask again.
//
// Before you count on the tests: who is left, after each, that knows what is still
// to be done?
func Remaining() ([]Fault, error) {
	return []Fault{
		Crash, CrashOnReply, CrashBefore, DiskFull, // of order: what was still to be done, only its process knew
		ReplyLost, HangUp, Partition, Pause, Slow, // ada is gone before the order is done, and her context with her
	}, nil
}
