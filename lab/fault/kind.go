package fault

import "slices"

// Kind is a sort of fault.
type Kind string

// The faults of a commit. After NotApplied and Applied the service learns the
// same: that its COMMIT failed.
const (
	CrashBefore Kind = "crash before"         // the process dies, the transaction is gone
	CrashAfter  Kind = "crash after"          // the process dies, the transaction is durable
	NotApplied  Kind = "disk full"            // COMMIT fails, and nothing is applied
	Applied     Kind = "error though applied" // COMMIT fails, and all is applied
)

// The faults of a request, where it is sent.
const (
	Lost         Kind = "lost"                    // it never arrives
	ReplyLost    Kind = "reply lost"              // it is served, the reply never arrives
	Twice        Kind = "delivered twice"         // the network repeats it when it has been served
	TwiceAtOnce  Kind = "delivered twice at once" // both copies are served at the same time
	Late         Kind = "delivered late"          // after the sender gave up, before it does anything else
	AtRest       Kind = "delivered at rest"       // after everything else has come to an end
	Partition    Kind = "partition"               // the link is cut both ways, and healed after Long
	CrashOnReply Kind = "crash on reply"          // the sender dies when the reply reaches it
)

// The faults of a request, where it is received.
const (
	CrashBeforeReply   Kind = "crash before reply"    // it is served, and the process dies before it answers
	CrashAfterReply    Kind = "crash after reply"     // the process dies when its answer has arrived
	PowerCutAfterReply Kind = "power cut after reply" // and its disk keeps only what was forced
)

// The faults of several boundaries.
const (
	Crash    Kind = "crash"     // the process dies before it sends, or on receipt
	PowerCut Kind = "power cut" // the process dies and its disk keeps only what was forced
	HangUp   Kind = "hang up"   // whoever waits for the answer goes away at this moment
	Pause    Kind = "pause"     // the whole process stands still for Long
	Slow     Kind = "slow"      // this one step stands still for Long, the rest of the process goes on
)

var (
	atCommit  = []Kind{CrashBefore, CrashAfter, PowerCut, NotApplied, Applied, Pause, Slow}
	atSend    = []Kind{Crash, Lost, Twice, TwiceAtOnce, Late, AtRest, Partition, Pause, Slow}
	atReceive = []Kind{Crash, Pause}
	atReply   = []Kind{ReplyLost, CrashOnReply, CrashBeforeReply, CrashAfterReply, PowerCutAfterReply}
	ofProcess = []Kind{Crash, CrashOnReply, Pause, Slow} // what cannot befall the client: it is not ours
)

// onArrival lists the faults that can strike when a run comes to a point. A
// power cut elsewhere than at a commit differs from a crash only where the disk
// lags behind.
func onArrival(p Point, serving, diskLags bool) []Kind {
	var list []Kind
	switch p.Boundary {
	case Commit:
		list = slices.Clone(atCommit)
	case Send:
		list = slices.Clone(atSend)
	case Receive:
		list = slices.Clone(atReceive)
	}
	if serving {
		list = append(list, HangUp)
	}
	if diskLags && p.Boundary != Commit {
		list = append(list, PowerCut)
	}
	return list
}
