package exercise

import (
	"errors"
	"fmt"
	"slices"

	"example.com/dtx/ch03-transactions/exercise/tap"
	"example.com/dtx/course/grade"
)

// wrong says what is wrong with a walk, or nothing.
func (w *walk) wrong() string {
	applied := w.struck == "COMMIT" && w.blow.fate == tap.Applied
	committed := w.saidTo("COMMIT") && (w.failed["COMMIT"] == nil || applied)
	switch {
	case w.calls > 1:
		return fmt.Sprintf("the function was called %d times: "+
			"what it does besides its transaction is done as often", w.calls)
	case w.failed["BEGIN"] != nil && w.calls > 0:
		return "BEGIN failed, and yet the function was called"
	case !committed && w.rows > 0:
		return fmt.Sprintf("the transaction was not committed, and %d of its rows are there",
			w.rows)
	case committed && w.rows != 2:
		return fmt.Sprintf("the transaction was committed, and %d of its 2 rows are there", w.rows)
	case w.panics() && w.panicked == nil:
		return fmt.Sprintf("the panic was swallowed, and became: %v", w.err)
	case w.panics() != (w.panicked == panics):
		return fmt.Sprintf("InTx panicked by itself: %v", w.panicked)
	case !w.returned:
		return ""
	}
	return w.untrue()
}

// untrue says what is not true of that which the caller was told.
func (w *walk) untrue() string {
	commit, unknown := w.failed["COMMIT"], errors.Is(w.err, ErrUnknown)
	switch {
	case w.err != nil && w.value != "":
		return fmt.Sprintf("an error came with the value %q, as if there were one", w.value)
	case w.fnErr != nil && !errors.Is(w.err, w.fnErr):
		return fmt.Sprintf("the function's error was swallowed: it returned %q, "+
			"and the caller got: %v", w.fnErr, w.err)
	case w.failed["BEGIN"] != nil && !errors.Is(w.err, w.failed["BEGIN"]) && !w.callerGone():
		return fmt.Sprintf("BEGIN failed, and the caller was not told why, but: %v", w.err)
	case w.struck == "ROLLBACK" && w.blow.fate == tap.Cut && !errors.Is(w.err, tap.ErrBroken):
		return fmt.Sprintf("the rollback failed, and the caller is not told; the caller got: %v",
			w.err)
	case commit != nil && !unknown:
		return fmt.Sprintf("COMMIT failed: it may have been done, or not. "+
			"The caller was not told so, but: %v", w.err)
	case commit != nil && !errors.Is(w.err, tap.ErrBroken) && !errors.Is(w.err, tap.ErrRefused):
		return fmt.Sprintf("why COMMIT failed was swallowed; the caller got: %v", w.err)
	case commit == nil && w.saidTo("COMMIT") && w.err != nil:
		return fmt.Sprintf("all is committed, and the caller was told: %v", w.err)
	case !w.saidTo("COMMIT") && w.err == nil:
		return "nothing is committed, and the caller was told that all is well"
	case !w.saidTo("COMMIT") && unknown:
		return fmt.Sprintf("no COMMIT was sent, so nothing is done; and the caller was told: %v",
			w.err)
	case w.err == nil && w.value != "receipt":
		return fmt.Sprintf("all is committed, and what the function returned did not come back, "+
			"but %q", w.value)
	}
	return ""
}

// panics tells whether the function has panicked.
func (w *walk) panics() bool { return w.arrived && w.path.panics }

// callerGone tells whether the caller went away in the middle.
func (w *walk) callerGone() bool { return w.struck != "" && (w.blow.gone || w.blow.goneBy) }

func (w *walk) saidTo(verb string) bool {
	return slices.Contains(w.said, verb)
}

// endsWell walks a path with each of the blows.
func endsWell(t *grade.T, p path, with ...blow) {
	t.Helper()
	for _, b := range with {
		w := take(t, p, b)
		if wrong := w.wrong(); wrong != "" {
			w.found(t, wrong)
		}
	}
}

// endsWellEverywhere walks each path with each blow, and tells of the first walk
// that is wrong, and how many there are.
func endsWellEverywhere(t *grade.T) {
	t.Helper()
	var first *walk
	walks, broken := 0, 0
	for _, p := range paths() {
		for _, b := range append([]blow{{}}, blows()...) {
			w := take(t, p, b)
			walks++
			if w.wrong() == "" {
				continue
			}
			if broken++; first == nil {
				first = w
			}
		}
	}
	if first != nil {
		first.found(t, first.wrong(), fmt.Sprintf("(of %d walks, %d go wrong)", walks, broken))
	}
}
