package event

import (
	"cmp"
	"slices"
)

// Sizes of the drawing; in characters.
const (
	minGap    = 12 // between two lifelines
	maxName   = 20 // of a service
	maxLabel  = 22 // of a message
	maxWord   = 15 // beside a mark, if a lifeline follows
	maxRemark = 40 // of a fault
	maxAcross = 76 // of a line across
	arrowRoom = 5  // a label's line, head and lifeline
	wordRoom  = 3  // a word's blanks and lifeline
)

// place puts the lifelines as close together as the texts between them allow.
func (d *diagram) place() {
	if len(d.names) == 0 {
		return
	}
	d.x = make([]int, len(d.names))
	gaps := d.gaps()
	d.x[0] = width(d.names[0]) / 2
	for i, gap := range gaps {
		d.x[i+1] = d.x[i] + gap
	}
}

// gaps gives the distance from each lifeline to the next.
func (d *diagram) gaps() []int {
	gaps := make([]int, len(d.names)-1)
	for i := range gaps {
		gaps[i] = max(minGap, (width(d.names[i])+width(d.names[i+1]))/2+3)
	}
	for _, r := range d.rows {
		if m := r.mark; m != nil && m.column < len(gaps) {
			gaps[m.column] = max(gaps[m.column], min(width(m.text), maxWord)+wordRoom)
		}
	}
	// Neighbours have one gap only; columns with several may find a wide one among them.
	nearest := slices.SortedStableFunc(slices.Values(d.messages), func(a, b *message) int {
		return cmp.Compare(len(a.path()), len(b.path()))
	})
	for _, m := range nearest {
		path := m.path()
		if !slices.ContainsFunc(path, func(g int) bool { return gaps[g] >= m.room() }) {
			gaps[path[0]] = m.room()
		}
	}
	return gaps
}

// room is the gap that a message needs for its label. One that is lost at once
// stays clear of the lifeline ahead: a cross there would be a crash.
func (m *message) room() int {
	room := width(m.label()) + arrowRoom
	if m.lost && m.number == 0 {
		room++
	}
	return room
}

// path lists the gaps that a message crosses, the sender's first. Gap i is at
// the right of lifeline i.
func (m *message) path() (gaps []int) {
	for i := m.from; i < m.to; i++ {
		gaps = append(gaps, i)
	}
	for i := m.from; i > m.to; i-- {
		gaps = append(gaps, i-1)
	}
	return gaps
}

// lane is the first gap on a message's way that has room for its label. It
// gives the lifelines at both sides.
func (d *diagram) lane(m *message) (left, right int) {
	for _, g := range m.path() {
		left, right = d.x[g], d.x[g+1]
		if right-left >= m.room() {
			break
		}
	}
	return left, right
}

// fit cuts the words that would run into a lifeline. The place of a dead
// process is free.
func (d *diagram) fit() {
	for i := range d.rows {
		d.fitRow(i)
	}
}

func (d *diagram) fitRow(row int) {
	mark := d.rows[row].mark
	if mark == nil {
		return
	}
	for c := mark.column + 1; c < len(d.names); c++ {
		if d.up(c, row) {
			mark.text = shorten(mark.text, d.x[c]-d.x[mark.column]-wordRoom)
			break
		}
	}
}

// margin is where the remark of a row begins.
func (d *diagram) margin(r row) int {
	margin := width(r.across) + 2
	if n := len(d.x); n > 0 {
		margin = max(margin, d.x[n-1]+3)
	}
	if r.mark != nil {
		margin = max(margin, d.x[r.mark.column]+2+width(r.mark.text)+2)
	}
	return margin
}

// Touched returns those columns in which something happens.
func Touched(columns []string, events []Event) []string {
	return slices.DeleteFunc(slices.Clone(columns), func(column string) bool {
		return !slices.ContainsFunc(events, func(e Event) bool { return e.Service == column })
	})
}
