package httpapi

import "errors"

// An Outcome is what a caller may conclude from an answer, or from its absence.
//
// It speaks of the one request that was answered. A request sent before it
// under the same key is settled only by [Done] or [Refused]: [NotDone] on the
// second attempt says nothing about a first one that got no answer.
type Outcome int

const (
	// Unknown: it may have been done, or may yet be. Ask again with the same
	// key, or undo it; never take it for a no. It is the zero Outcome, so that
	// a case that the code does not foresee is unknown.
	Unknown Outcome = iota
	// Done: the answer is a 2xx.
	Done
	// NotDone: this request has done nothing. A later one may.
	NotDone
	// Refused: it has not been done, and asking again will not change that.
	Refused
)

// String returns the outcome in words.
func (o Outcome) String() string {
	switch o {
	case Done:
		return "done"
	case NotDone:
		return "not done"
	case Refused:
		return "refused"
	default:
		return "unknown"
	}
}

// OutcomeOf returns what the error of a call means for its caller: [Done] for
// nil, what a [Problem] or [Kind] says of itself, and for an error with a
// method Unknown() bool (a database's, a broken connection's) [Unknown] or
// [NotDone]. Any other error is Unknown.
func OutcomeOf(err error) Outcome {
	if err == nil {
		return Done
	}
	return problemOf(err).Outcome()
}

// problemOf returns the problem that an error is answered with. An unknown
// outcome goes first: when a refusal's rollback fails, the refusal is in doubt.
func problemOf(err error) *Problem {
	effect, hasEffect := errors.AsType[interface {
		error
		Unknown() bool
	}](err)
	problem, isProblem := errors.AsType[*Problem](err)
	kind, isKind := errors.AsType[Kind](err)
	switch {
	case hasEffect && effect.Unknown():
		return OutcomeUnknown.With("ask again with the same Idempotency-Key")
	case isProblem && (problem.Status/100 == 4 || problem.Status/100 == 5):
		return problem
	case isProblem: // with no status, or that of a yes
		return Internal.With("")
	case isKind && meanings[kind].status != 0:
		return kind.With("")
	case hasEffect:
		return Unavailable.With("nothing was done")
	default:
		return Internal.With("")
	}
}

// Judged reports whether an error is a refusal that a service says only after it has
// looked the key up: then no earlier request under the key was done, either. What
// [Key] and [Decode] refuse is said before that, and may change with a release.
func Judged(err error) bool {
	for _, early := range []Kind{Malformed, MissingKey, TooLarge, UnsupportedMediaType} {
		if errors.Is(err, early) {
			return false
		}
	}
	return OutcomeOf(err) == Refused
}
