package isolation

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// Run is how a script went at a level.
type Run struct {
	Database, Level, Anomaly, Question string

	A, B    Side
	End     int    // what was left when both were through
	Left    string // the same in words
	Outcome Outcome
	Note    string // the statement that waited, or the error that a session got

	waits, refusals []string
	lines           [][]string
}

// Side is what a session has to show.
type Side struct {
	Read      []int // the numbers that it has read, in turn
	Committed bool
}

// line adds what a session said and heard.
func (r *Run) line(who Session, text string) {
	line := []string{"", ""}
	line[who] = text
	r.lines = append(r.lines, line)
}

// judge says what became of the anomaly.
func (r *Run) judge(happened func(Run) bool) {
	switch {
	case happened(*r):
		r.Outcome = Happens
	case len(r.refusals) > 0:
		r.Outcome, r.Note = Aborted, strings.Join(r.refusals, ", ")
	case len(r.waits) > 0:
		r.Outcome, r.Note = Blocked, strings.Join(r.waits, ", ")
	default:
		r.Outcome = Prevented
	}
}

// Rows returns the transcript: a line for each statement, in the column of its
// session, after a head.
func (r Run) Rows() [][]string {
	return append([][]string{{A.String(), B.String()}}, r.lines...)
}

// Verdict returns the outcome and its note.
func (r Run) Verdict() string {
	if r.Note == "" {
		return string(r.Outcome)
	}
	return string(r.Outcome) + ": " + r.Note
}

// String returns all of the run as text, or as far as it came.
func (r Run) String() string {
	var rows, text strings.Builder
	w := tabwriter.NewWriter(&rows, 0, 0, 2, ' ', 0)
	for _, row := range r.Rows() {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	_ = w.Flush() // a strings.Builder takes everything
	fmt.Fprintf(&text, "%s, %s: %s\n\n", r.Database, r.Level, r.Anomaly)
	for line := range strings.Lines(rows.String()) {
		fmt.Fprintln(&text, "  "+strings.TrimRight(line, " \n"))
	}
	if r.Outcome != "" {
		fmt.Fprintf(&text, "\n  %s\n  %s %s\n", r.Left, r.Question, r.Verdict())
	}
	return text.String()
}
