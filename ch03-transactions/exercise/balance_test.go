package exercise

import (
	"errors"
	"fmt"

	"example.com/dtx/course/grade"
	"example.com/dtx/course/study"
)

// withdrawals are two at the same time.
type withdrawals struct {
	has    int64
	takes  [2]int64
	begins bool // each is a transaction
}

func enoughForBoth(begins bool) withdrawals { return withdrawals{1000, [2]int64{100, 200}, begins} }
func enoughForOne(begins bool) withdrawals  { return withdrawals{250, [2]int64{200, 200}, begins} }

// done says what was done to the student's program.
func (w withdrawals) done() string {
	return fmt.Sprintf("ada had %d cents. A took %d of them, and B %d, at the same time.\n"+
		"They took turns, a statement each, as drawn.", w.has, w.takes[0], w.takes[1])
}

// judge says what is wrong with a run: with what was paid and what is left, and
// with what both were told.
func (w withdrawals) judge(
	t *grade.T, sessions [2]*session, told [2]error, left int64, log *record,
) {
	t.Helper()
	found := func(format string, args ...any) {
		t.Helper()
		text := fmt.Sprintf(format, args...)
		f := study.Finding{Done: w.done(), Found: []string{text}}
		t.FailWithRun(f, columns(), log.end(text))
	}
	var paid int64
	yes := 0
	for i, s := range sessions {
		switch {
		case s.db.Stats().InUse > 0:
			found("%s's connection never came back: something of it is still open", s.name)
		case told[i] == nil:
			paid += w.takes[i]
			yes++
		case !errors.Is(told[i], ErrTooLittle):
			found("%s has got nothing, and an error that is no answer: %v", s.name, told[i])
		}
	}
	wanted := 1
	if w.takes[0]+w.takes[1] <= w.has {
		wanted = 2
	}
	switch {
	case left < 0:
		found("overdrawn: ada had %d cents, %d were paid out, and %d are left", w.has, paid, left)
	case yes > wanted:
		found("there was enough for %d of them, and %d were told that they got it", wanted, yes)
	case left != w.has-paid && yes == 2:
		found("a lost update: %d cents were paid out, and ada has %d less", paid, w.has-left)
	case left != w.has-paid:
		found("%d cents were paid out, and ada has %d less", paid, w.has-left)
	case yes < wanted:
		found("there was enough for %d of them, and %d got it", wanted, yes)
	case w.begins && !log.has("BEGIN"):
		found("all is well, but there was no BEGIN: this one is to be a transaction")
	case !w.begins && log.has("BEGIN"):
		found("all is well, but there was a BEGIN: this one is to do without a transaction")
	}
}
