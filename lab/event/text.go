package event

import (
	"fmt"
	"io"
	"strings"
)

// Text draws a run for a terminal: a column a service, time going down.
//
//	├──POST /hold──►│   a message; ✕ at its end if it was lost
//	├╌ POST /hold (1) ╌ a message that ends later, where (1) stands again
//	● ○                 a commit, forced to the disk or not
//	✕ … ┬               a crash; no lifeline until the process is up again
//	┴                   the process goes on in another column
//	·                   a word about a service
//	! reply lost        the fault that struck in this row
//
// A service that is not among the columns has one at the right.
func Text(w io.Writer, columns []string, events []Event) error {
	d := arrange(columns, events)
	var out strings.Builder
	out.WriteString(d.header().String())
	for i, r := range d.rows {
		out.WriteString(d.draw(i, r).String())
	}
	if _, err := io.WriteString(w, out.String()); err != nil {
		return fmt.Errorf("draw events as text: %w", err)
	}
	return nil
}

// The strokes of messages.
const (
	solid  = "─"
	broken = "╌"
)

// line is one line of characters.
type line []rune

// write puts a text at a place, over what is there.
func (l *line) write(x int, text string) {
	for _, r := range text {
		for len(*l) <= x {
			*l = append(*l, ' ')
		}
		(*l)[x] = r
		x++
	}
}

// dash draws a stroke from a place to another, both included. A solid one
// crosses the lifelines, a broken one passes behind them.
func (l *line) dash(from, to int, stroke string) {
	for x := min(from, to); x <= max(from, to); x++ {
		switch crossing := x < len(*l) && (*l)[x] == '│'; {
		case !crossing:
			l.write(x, stroke)
		case stroke == solid:
			l.write(x, "┼")
		}
	}
}

// String gives the line without blanks at its end.
func (l *line) String() string { return strings.TrimRight(string(*l), " ") + "\n" }

func (d *diagram) header() *line {
	l := &line{}
	for i, name := range d.names {
		l.write(d.x[i]-width(name)/2, name)
	}
	return l
}

func (d *diagram) draw(i int, r row) *line {
	l := &line{}
	if r.blank {
		return l
	}
	if r.across == "" {
		d.lifelines(l, i)
	}
	switch {
	case r.across != "":
		l.write(0, r.across)
	case r.mark != nil:
		l.write(d.x[r.mark.column], r.mark.sign()+" "+r.mark.text)
	case r.sent == nil:
		d.arrival(l, r.ended)
	case r.ended == nil:
		d.departure(l, r.sent)
	default:
		d.arrow(l, r.sent)
	}
	if r.remark != "" {
		l.write(d.margin(r), "! "+r.remark)
	}
	return l
}

func (d *diagram) lifelines(l *line, row int) {
	for c, x := range d.x {
		if d.up(c, row) {
			l.write(x, "│")
		}
	}
}

// sign is the mark on the lifeline.
func (m *mark) sign() string {
	switch m.kind {
	case Commit:
		if m.forced {
			return "●"
		}
		return "○"
	case Crash:
		return "✕"
	case Restart:
		return "┬"
	case Replaced:
		return "┴"
	}
	return "·"
}

// arrow draws a message that ends where it began.
func (d *diagram) arrow(l *line, m *message) {
	d.stroke(l, m, solid, m.text)
	tail := "├"
	if m.to < m.from {
		tail = "┤"
	}
	l.write(d.x[m.from], tail)
}

// departure draws the beginning of a message that ends elsewhere.
func (d *diagram) departure(l *line, m *message) {
	text, step, tail := " "+m.label()+" ", 1, "├"
	at := d.centre(m, text)
	end := at + width(text)
	if m.to < m.from {
		step, tail, end = -1, "┤", at-1
	}
	l.dash(d.x[m.from]+step, end, broken)
	l.write(at, text)
	l.write(d.x[m.from], tail)
}

// arrival draws the end of a message that began elsewhere.
func (d *diagram) arrival(l *line, m *message) { d.stroke(l, m, broken, m.tag()) }

// stroke draws the way of a message up to its head, or as far as it came.
func (d *diagram) stroke(l *line, m *message, dash, text string) {
	at, step, head := d.centre(m, text), 1, "►"
	stop := at + width(text) + 1
	if m.to < m.from {
		step, head, stop = -1, "◄", at-2
	}
	if m.lost {
		head = "✕"
	} else {
		stop = d.x[m.to] - step
	}
	l.dash(d.x[m.from]+step, stop, dash)
	l.write(at, text)
	l.write(stop, head)
}

// centre is where a text begins that stands in the middle of a message's lane.
func (d *diagram) centre(m *message, text string) int {
	left, right := d.lane(m)
	return left + (right-left-width(text)+1)/2
}
