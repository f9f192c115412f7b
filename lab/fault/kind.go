package fault

import (
	"slices"
	"strings"
)

// Kind is a sort of fault.
type Kind string

// The faults of a commit. After NotApplied and Applied the service learns the
// same: that its COMMIT failed.
const (
	CrashBefore Kind = "crash before"
	CrashAfter  Kind = "crash after"
	NotApplied  Kind = "disk full"
	Applied     Kind = "error though applied"
)

// The faults of a request, where it is sent.
const (
	Lost         Kind = "lost"
	ReplyLost    Kind = "reply lost"
	Twice        Kind = "delivered twice"
	TwiceAtOnce  Kind = "delivered twice at once"
	Late         Kind = "delivered late"
	AtRest       Kind = "delivered at rest"
	Partition    Kind = "partition"
	CrashOnReply Kind = "crash on reply"
)

// The faults of a request, where it is received.
const (
	CrashBeforeReply   Kind = "crash before reply"
	CrashAfterReply    Kind = "crash after reply"
	PowerCutAfterReply Kind = "power cut after reply"
)

// The faults of several boundaries.
const (
	Crash    Kind = "crash"
	PowerCut Kind = "power cut"
	HangUp   Kind = "hang up"
	Pause    Kind = "pause"
	Slow     Kind = "slow"
)

var (
	atCommit = []Kind{
		CrashBefore, CrashAfter, PowerCut, NotApplied, Applied, DiskFull, Pause, Slow, GoodOrder,
	}
	atSend = []Kind{
		Crash, Lost, Twice, TwiceAtOnce, Late, AtRest, Partition,
		Stranger404, Stranger502, Stranger200, Pause, Slow, GoodOrder,
	}
	atReceive = []Kind{Crash, Pause, GoodOrder}
	atReply   = []Kind{
		ReplyLost, CrashOnReply, CrashBeforeReply, CrashAfterReply, PowerCutAfterReply,
	}
	// ofProcess is what cannot befall the client: it is not ours.
	ofProcess = slices.Concat(
		[]Kind{Crash, CrashOnReply, Pause, Slow, GoodOrder}, zombiesAtSend, zombiesOnReply,
	)
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

// At lists the faults that may strike at a point of that name. Some of them
// strike only if the run goes the right way from there.
func At(point string) []Kind {
	_, op, _ := strings.Cut(point, ": ")
	switch {
	case strings.HasPrefix(op, "commit "):
		return slices.Concat(atBegin, atCommit, []Kind{LostFsync})
	case strings.Contains(point, " → "):
		return slices.Concat(atSend, []Kind{ReplyLost, CrashOnReply}, zombiesAtSend, zombiesOnReply)
	}
	ofReply := []Kind{HangUp, CrashBeforeReply, CrashAfterReply, PowerCutAfterReply}
	return slices.Concat(atReceive, ofReply, zombies)
}
