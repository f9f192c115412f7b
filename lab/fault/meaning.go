package fault

// Meaning says in words what a kind of fault does.
func (k Kind) Meaning() string {
	switch k {
	case CrashBefore:
		return "the process dies, the transaction is gone"
	case CrashAfter:
		return "the process dies, the transaction is durable"
	case NotApplied:
		return "COMMIT fails, and nothing is applied"
	case Applied:
		return "COMMIT fails, and all is applied"
	case NotBegun:
		return "the transaction does not begin, nothing is done, and the process lives on"
	case FirstStatement:
		return "the transaction's first statement fails, and the process lives on"
	case LastStatement:
		return "the transaction's last statement fails, and the process lives on"
	case DiskFull:
		return "COMMIT fails, and so does every other one on this disk for a minute"
	case LostFsync:
		return "COMMIT fails though all is applied; a power cut at rest takes what it wrote"
	case Stranger404:
		return "something that is not the service answers 404 in plain text"
	case Stranger502:
		return "something that is not the service answers 502 in HTML"
	case Stranger200:
		return "something that is not the service answers 200 and {}"
	case GoodOrder:
		return "the process is told to end, as SIGTERM does, and is started again"
	case Lost:
		return "the request never arrives"
	case ReplyLost:
		return "the request is served, and its answer never arrives"
	case Twice:
		return "the network repeats the request when it has been served"
	case TwiceAtOnce:
		return "the network repeats the request, and both copies are served at the same time"
	case Late:
		return "the request arrives after the sender gave up, before it does anything else"
	case AtRest:
		return "the request arrives after everything else has come to an end"
	case Partition:
		return "the link is cut both ways, and healed after 15 s"
	case CrashOnReply:
		return "the sender dies when the reply reaches it"
	case CrashBeforeReply:
		return "the request is served, and the process dies before it answers"
	case CrashAfterReply:
		return "the process dies when its answer has arrived"
	case PowerCutAfterReply:
		return "the process dies when its answer has arrived, " +
			"and its disk keeps only what was forced"
	case Crash:
		return "the process dies before it sends, or on receipt"
	case PowerCut:
		return "the process dies and its disk keeps only what was forced"
	case HangUp:
		return "the caller that waits for the answer goes away at this moment"
	case Pause:
		return "the whole process stands still for 15 s"
	case Slow:
		return "this one step stands still for 15 s, and the rest of the process goes on"
	case Zombie:
		return "a successor starts on the process's database, and both go on"
	case ZombieAsked:
		return "a successor starts on its database; new requests reach the old one for 15 s"
	case ZombieAsleep:
		return "it stands still until a successor on its database is at rest, then goes on"
	case ZombieCutOff:
		return "a successor starts on its database; the old one reaches only clients for 15 s"
	case ZombieOnReply:
		return "the reply comes, a successor starts on the sender's database, and both go on"
	case ZombieAsleepOnReply:
		return "the reply comes; the sender sleeps until a successor on its database is at rest"
	}
	return ""
}
