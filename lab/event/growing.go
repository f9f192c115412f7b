package event

import (
	"fmt"
	"strings"
)

// Layer says what a piece of a growing picture lies above. Words are above all
// lines, as in SVG.
type Layer string

// The layers, the lowest first.
const (
	Lines Layer = "lines"
	Words Layer = "words"
)

// Piece is a part of a growing picture. It takes the place of an earlier piece
// with the same ID; else it is new.
type Piece struct {
	ID    string `json:"id"`
	Layer Layer  `json:"layer"`
	Row   int    `json:"row"` // the lowest that it touches, from 0
	SVG   string `json:"svg"`
}

// Growing draws the picture of SVG while the run goes on: each event gives the
// pieces that it changes. A page that shows them needs to know nothing else, and
// goes back by putting the earlier pieces in their place again.
type Growing struct {
	picture
	pieces   map[string]string  // the pieces as they were last given
	labelled map[*message][]box // where the texts of a message are
}

// Sizes of a growing picture, which cannot wait for the longest text; in characters.
const (
	growGap    = 17 // between two lifelines
	growEdge   = 4  // at the left
	growMargin = 17 // at the right
	growLabel  = 15 // of a message
	growFault  = 14 // of a line of a fault's name
)

// bold is the width of a letter of a verdict, in pixels.
const bold = 8.0

// Grow begins a picture.
func Grow(columns []string) *Growing {
	p := picture{diagram: arrange(columns, nil), labels: growLabel, slant: 4, above: 13}
	g := &Growing{picture: p, pieces: map[string]string{}, labelled: map[*message][]box{}}
	g.spread()
	return g
}

// spread stands the lifelines at equal distances.
func (g *Growing) spread() {
	for len(g.x) < len(g.names) {
		g.x = append(g.x, 0)
	}
	for i := range g.x {
		g.x[i] = growEdge + i*growGap
	}
}

// Add draws a further event.
func (g *Growing) Add(e Event) (changed []Piece) {
	row := max(0, len(g.rows)-1) // it may change, too
	g.across = min(maxAcross, int((g.Width()-2*edge)/bold))
	g.add(e)
	g.spread()
	crossed := g.crossed(row)
	for i, m := range g.messages {
		if m.sent >= crossed || m.ended >= crossed {
			bottom := max(m.sent, m.ended)
			arrow := fmt.Sprint("arrow", i)
			changed = g.give(changed, arrow, Lines, bottom, func() { g.message(m) })
			label := fmt.Sprint("label", i)
			changed = g.give(changed, label, Words, bottom, func() { g.label(m) })
		}
	}
	for i := row; i < len(g.rows); i++ {
		if g.fitRow(i); g.cut(i) {
			g.rows[i].remark = e.remark()
		}
		changed = g.give(changed, fmt.Sprint("row", i), Lines, i, func() {
			g.strike(i)
			g.stretch(i)
			g.sign(i, g.rows[i].mark)
		})
		changed = g.give(changed, fmt.Sprint("words", i), Words, i, func() {
			g.wordsOf(i, g.rows[i])
			g.fault(i)
		})
	}
	return changed
}

// crossed is the first row through which an arrow goes that ends in a row or below it.
func (g *Growing) crossed(row int) int {
	first := row
	for _, m := range g.messages {
		if m.ended >= row {
			first = min(first, m.sent)
		}
	}
	return first
}

// give draws a piece, and adds it to the list if it is not what it was.
func (g *Growing) give(list []Piece, id string, layer Layer, row int, draw func()) []Piece {
	g.out.Reset()
	draw()
	svg := g.out.String()
	if svg == g.pieces[id] {
		return list
	}
	g.pieces[id] = svg
	return append(list, Piece{id, layer, row, svg})
}

// cut tells whether the words beside a row's mark have no room.
func (g *Growing) cut(row int) bool {
	m := g.rows[row].mark
	return m != nil && strings.HasSuffix(m.text, "…")
}

// fault writes the name of what struck in a row, in lines of equal width.
func (g *Growing) fault(row int) {
	r := g.rows[row]
	if r.remark == "" {
		return
	}
	lines := wrap("! "+r.remark, growFault)
	for i, text := range lines {
		y := down(row) + (float64(i)-float64(len(lines)-1)/2)*pitch/2
		g.write("fault", right(g.margin(r)), y, text)
	}
}

// strike draws a band behind a row in which a fault struck.
func (g *Growing) strike(row int) {
	m := g.rows[row].mark
	if g.rows[row].remark == "" && (m == nil || m.kind != Crash) {
		return
	}
	y := down(row) - pitch/2
	g.print(`<rect class="struck" x="0" y="%v" width="100%%" height="%v"/>`, y, pitch)
}

// stretch draws the lifelines of one row.
func (g *Growing) stretch(row int) {
	if g.rows[row].across != "" || g.rows[row].blank {
		return
	}
	for c := range g.names {
		for _, l := range g.lives[c] {
			if row < l.from || row > l.to {
				continue
			}
			from, to := down(row)-pitch/2, down(row)+pitch/2
			if row == l.from && row > 0 {
				from = down(row)
			}
			if row == l.to {
				to = down(row)
			}
			g.print(`<path class="lifeline" d="M%v %vV%v"/>`, right(g.x[c]), from, to)
		}
	}
}

// Heads draws the names above the columns.
func (g *Growing) Heads() string {
	g.out.Reset()
	g.heads()
	return g.out.String()
}

// Width is the picture's, in pixels.
func (g *Growing) Width() float64 {
	return right(max(0, len(g.x)-1)*growGap+growEdge+growMargin) + edge
}

// Rows is how many rows there are. The middle of row n is at Top + n×Pitch.
func (g *Growing) Rows() int { return len(g.rows) }

// Sizes of every picture; in pixels.
const (
	Top   = top
	Pitch = pitch
)

// Style is the look of every picture, as CSS.
const Style = style
