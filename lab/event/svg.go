package event

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strings"
)

// Sizes of the picture; in pixels.
const (
	cell   = 7.0  // a character of the layout; wider than most letters
	pitch  = 30.0 // from row to row
	edge   = 20.0 // around everything
	top    = 72.0 // the middle of the first row
	beside = 12.0 // from a lifeline to the words beside it
)

// SVG draws a run as a picture that stands alone: the diagram of Text, with
// messages that slant from where they are sent to where they end.
func SVG(w io.Writer, columns []string, events []Event) error {
	d := arrange(columns, events)
	p := &picture{diagram: d, labels: 2 * maxLabel, slant: 6, above: 11}
	p.begin(events)
	p.lifelines()
	for _, m := range p.messages {
		p.message(m)
	}
	for i, r := range p.rows {
		p.sign(i, r.mark)
	}
	p.words() // above all lines
	p.print(`</svg>`)
	if _, err := w.Write(p.out.Bytes()); err != nil {
		return fmt.Errorf("draw events as SVG: %w", err)
	}
	return nil
}

// picture is a diagram being drawn.
type picture struct {
	*diagram
	out    bytes.Buffer
	labels int     // the width of the longest label, in characters
	slant  float64 // the height from the middle of a row to the end of its arrow
	above  float64 // the height from an arrow to the middle of its label
}

func (p *picture) print(format string, args ...any) { fmt.Fprintf(&p.out, format+"\n", args...) }

// right and down turn characters and rows into pixels.
func right(x int) float64  { return edge + float64(x)*cell }
func down(row int) float64 { return top + float64(row)*pitch }

func (p *picture) begin(events []Event) {
	w, h := p.size()
	p.print(`<svg class="spacetime" xmlns="http://www.w3.org/2000/svg"`+
		` viewBox="0 0 %v %v" width="%v" height="%v" role="img">`, w, h, w, h)
	p.print(`<title>%s</title>`, escape(p.title()))
	p.print(`<desc>%s</desc>`, escape(p.describe(events)))
	p.print(`<style>%s</style>`, style)
	p.print(`<rect class="ground" width="%v" height="%v" rx="8"/>`, w, h)
}

// size is the picture's width and height.
func (p *picture) size() (w, h float64) {
	x := 0
	if n := len(p.x); n > 0 {
		x = p.x[n-1] + width(p.names[n-1])/2 + 1
	}
	for _, r := range p.rows {
		end := p.margin(r) - 2
		if r.remark != "" {
			end = p.margin(r) + width("! "+r.remark)
		}
		x = max(x, end)
	}
	return right(x) + edge, down(len(p.rows)) - pitch/2 + edge
}

// lifelines draws each column for as long as its process lives.
func (p *picture) lifelines() {
	for c, lives := range p.lives {
		for _, l := range lives {
			from, to := down(l.from), down(p.height())-pitch/2
			if l.from == 0 {
				from -= pitch
			}
			if l.to != endless {
				to = down(l.to)
			}
			p.print(`<path class="lifeline" d="M%v %vV%v"/>`, right(p.x[c]), from, to)
		}
	}
}

func (p *picture) message(m *message) {
	class := "message"
	if m.reply {
		class += " reply"
	}
	if m.ended == pending {
		class += " pending"
	}
	x1, y1, x2, y2 := p.ends(m)
	p.print(`<path class="%s" d="M%.1f %.1fL%.1f %.1f"/>`, class, x1, y1, x2, y2)
	switch {
	case m.lost:
		p.cross("lost", x2, y2, 5)
	case m.ended != pending:
		angle := math.Atan2(y2-y1, x2-x1) * 180 / math.Pi
		p.print(`<path class="head" d="M0 0L-10 -4.5V4.5Z"`+
			` transform="translate(%.1f %.1f) rotate(%.1f)"/>`, x2, y2, angle)
	}
}

// ends gives the points between which a message is drawn.
func (p *picture) ends(m *message) (x1, y1, x2, y2 float64) {
	x1, y1 = right(p.x[m.from]), down(m.sent)
	x2, y2 = right(p.x[m.to]), down(m.ended)
	if m.lost {
		x2 = p.lostAt(m)
	}
	switch m.ended {
	case pending:
		return x1, y1, x1 + math.Copysign(4*cell, x2-x1), y1 + p.slant
	case m.sent:
		return x1, y1 - p.slant, x2, y2 + p.slant
	}
	return x1, y1, x2, y2
}

// lostAt is where a lost message is crossed out: two thirds of the way, and
// between lifelines, since a cross on one would be a crash.
func (p *picture) lostAt(m *message) float64 {
	path := m.path()
	gap := path[len(path)*2/3]
	near, far := right(p.x[gap]), right(p.x[gap+1])
	if m.to < m.from {
		near, far = far, near
	}
	return near + (far-near)*2/3
}

func (p *picture) cross(class string, x, y, r float64) {
	p.print(`<path class="%s" d="M%.1f %.1fl%v %vm0 %vl%v %v"/>`,
		class, x-r, y-r, 2*r, 2*r, -2*r, -2*r, 2*r)
}

// sign draws a mark on its lifeline.
func (p *picture) sign(row int, m *mark) {
	if m == nil {
		return
	}
	x, y := right(p.x[m.column]), down(row)
	switch {
	case m.kind == Crash:
		p.cross("crash", x, y, 6)
	case m.kind == Restart || m.kind == Replaced:
		p.print(`<path class="restart" d="M%v %vh14"/>`, x-7, y)
	case m.kind == State:
		p.print(`<circle class="state" cx="%v" cy="%v" r="2.5"/>`, x, y)
	case m.forced:
		p.print(`<circle class="commit forced" cx="%v" cy="%v" r="5"/>`, x, y)
	default:
		p.print(`<circle class="commit unforced" cx="%v" cy="%v" r="5"/>`, x, y)
	}
}

func (p *picture) words() {
	p.heads()
	for _, m := range p.messages {
		p.label(m)
	}
	for i, r := range p.rows {
		p.wordsOf(i, r)
		if r.remark != "" {
			p.write("fault", right(p.margin(r)), down(i), "! "+r.remark)
		}
	}
}

// heads writes the names above the columns.
func (p *picture) heads() {
	for c, name := range p.names {
		p.write("name", right(p.x[c]), top-pitch-12, name)
	}
}

// wordsOf writes what stands in a row beside its messages and its faults.
func (p *picture) wordsOf(i int, r row) {
	if r.mark != nil {
		p.write(string(r.mark.kind), right(p.x[r.mark.column])+beside, down(i), r.mark.text)
	}
	if r.across != "" {
		p.write("verdict", edge, down(i), r.across)
	}
}

// label stands on the middle of the message's lane. Where a message ends in
// another row, its label is beside the sender and its number at the end.
func (p *picture) label(m *message) {
	x1, y1, x2, y2 := p.ends(m)
	if m.sent == m.ended {
		a, b := p.lane(m)
		x := (right(a) + right(b)) / 2
		p.write("label", x, y1+(y2-y1)*(x-x1)/(x2-x1)-p.above, shorten(m.text, p.labels))
		return
	}
	start, end, step := "start", "end", beside
	if m.to < m.from {
		start, end, step = end, start, -beside
	}
	p.write("label "+start, x1+step, y1-p.above+2, m.within(p.labels-2))
	if m.ended != pending && m.number > 0 {
		p.write("label "+end, x2-step, y2+p.above-2, m.tag()) // the arrow comes from above
	}
}

// write puts the middle of a text's height at y.
func (p *picture) write(class string, x, y float64, text string) {
	p.print(`<text class="%s" x="%.1f" y="%.1f">%s</text>`, class, x, y+4, escape(text))
}

func escape(text string) string {
	var out strings.Builder
	_ = xml.EscapeText(&out, []byte(text)) // a Builder takes everything
	return out.String()
}
