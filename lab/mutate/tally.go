package main

import (
	"fmt"
	"io"
)

// tally counts what came of the mutants.
type tally struct {
	code, logging map[result]int
	survivors     []mutant
}

func newTally() *tally {
	return &tally{code: map[result]int{}, logging: map[result]int{}}
}

// add counts one mutant. Those that only change what is logged are counted apart.
func (t *tally) add(m mutant, found result) {
	if m.Logging {
		t.logging[found]++
		return
	}
	t.code[found]++
	if found == survived {
		t.survivors = append(t.survivors, m)
	}
}

// score is the share of the mutants that were caught, in percent, of those that are
// not equivalent.
func (t *tally) score() float64 {
	return 100 * float64(t.code[caught]) / float64(max(1, t.code[caught]+t.code[survived]))
}

// tell prints the survivors and the score. A score below the least is an error.
func (t *tally) tell(out io.Writer, least float64) error {
	if len(t.survivors) > 0 {
		fmt.Fprintln(out, "\nNo test sees:")
	}
	for _, m := range t.survivors {
		fmt.Fprintln(out, " ", m)
	}
	fmt.Fprintf(out, "\nscore: %.1f%%", t.score())
	for _, r := range []result{caught, survived, equivalent, uncompiled, unclear, untried} {
		fmt.Fprintf(out, " %s=%d", r, t.code[r])
	}
	seen, unseen := t.logging[caught], t.logging[survived]
	fmt.Fprintf(out, "; of logging: caught=%d survived=%d\n", seen, unseen)
	if t.score() < least {
		return fmt.Errorf("the score is %.1f%%, and %.1f%% is wanted", t.score(), least)
	}
	return nil
}
