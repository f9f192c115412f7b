// Package exercise is chapter 1's: you find the flaws behind six damages, mend two
// of them, and say which faults are still too much for the shop then.
//
// The shop is the one of the chapter, and as naive: call, call, call, answer. In
// three files, from top to bottom:
//
//	causes.go      what went wrong in the six drawn runs in the folder runs
//	mend.go        a service that is asked again, and an order that has no answer
//	remaining.go   the faults that still break an order
//
// In two of the functions you write what you found by reading, in two a program. The
// last step tries every single fault.
package exercise

// Cause is what is wrong with a program, so that a fault can do damage.
type Cause string

// The causes. Not each has a run, and some have more than one.
const (
	SilenceIsNo     Cause = "no answer was taken for a no"
	DoneAgain       Cause = "a service that was asked again did it again"
	NothingRecorded Cause = "nothing was written down before the first call: after a crash nothing goes on or is undone"
	OnCallersTime   Cause = "undoing was left to the context of a caller, which may be gone"
	HalfSeen        Cause = "an order saw what another one had only half done"
	NetworkFails    Cause = "the network has lost a message"
)

// CauseOf returns the cause of the damage that a run shows, the file runs/1.txt
// being run 1. A line for each.
func CauseOf(run int) (Cause, error) {
	switch run {
	case 1:
		return NothingRecorded, nil
	case 2, 5:
		return SilenceIsNo, nil
	case 3:
		return DoneAgain, nil
	case 4:
		return OnCallersTime, nil
	}
	return HalfSeen, nil
}
