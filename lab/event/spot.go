package event

import "math"

// spot is a place for a text: its end is at x, or its start, or its middle.
type spot struct {
	anchor string
	x, y   float64
}

// box is a part of the picture.
type box struct{ left, top, right, bottom float64 }

// box is what a text fills at a spot.
func (s spot) box(text string) box {
	const half = pitch / 5
	w := cell * float64(width(text))
	b := box{s.x, s.y - half, s.x + w, s.y + half}
	switch s.anchor {
	case " end":
		b.left, b.right = s.x-w, s.x
	case "":
		b.left, b.right = s.x-w/2, s.x+w/2
	}
	return b
}

// crossed tells whether a line goes through a box.
func (b box) crossed(x1, y1, x2, y2 float64) bool {
	from, to := max(b.left, min(x1, x2)), min(b.right, max(x1, x2))
	if from > to || x1 == x2 {
		return false
	}
	slope := (y2 - y1) / (x2 - x1)
	a, z := y1+slope*(from-x1), y1+slope*(to-x1)
	return max(a, z) > b.top && min(a, z) < b.bottom
}

// overlaps tells whether two boxes have a part in common.
func (b box) overlaps(o box) bool {
	return b.left < o.right && o.left < b.right && b.top < o.bottom && o.top < b.bottom
}

// sides are the spots for a text about an end of an arrow: on the arrow's side of the
// lifeline, or behind it; there level with the end, or above or below it; or on the
// arrow's side, but across the arrow.
func sides(x, y, above, toward float64) []spot {
	ahead, behind := spot{" start", x + beside, y - above}, spot{" end", x - beside, y}
	if toward < x {
		ahead.anchor, behind.anchor = behind.anchor, ahead.anchor
		ahead.x, behind.x = behind.x, ahead.x
	}
	list := []spot{ahead, behind}
	for _, by := range []float64{-above, above} {
		list = append(list, spot{behind.anchor, behind.x, y + by})
	}
	return append(list, spot{ahead.anchor, ahead.x, y + above})
}

// lanes are the spots for the text of an arrow within a row: above it, in each gap that
// it crosses; or behind one of its ends; or below it.
func (g *Growing) lanes(m *message) (list []spot) {
	x1, y1, x2, y2 := g.ends(m)
	var below []spot
	for _, gap := range m.path() {
		x := (right(g.x[gap]) + right(g.x[gap+1])) / 2
		y := y1 + (y2-y1)*(x-x1)/(x2-x1)
		list = append(list, spot{"", x, y - g.above})
		below = append(below, spot{"", x, y + g.above})
	}
	list = append(list, sides(x1, y1, 0, x2)[1], sides(x2, y2, 0, x1)[1])
	return append(list, below...)
}

// label writes what a message is where the least goes through the words. It says it at
// one end of the arrow, and the number at both.
func (g *Growing) label(m *message) {
	delete(g.labelled, m)
	if m.sent == m.ended {
		text := shorten(m.text, g.labels)
		s, _ := g.best(text, g.lanes(m))
		g.stand(m, s, text)
		return
	}
	x1, y1, x2, y2 := g.ends(m)
	text, tag := m.within(g.labels-2), m.tag()
	near, far := sides(x1, y1, g.above-2, x2), sides(x2, y2, 2-g.above, x1)
	first, lines := g.best(text, near)
	if m.ended == pending || m.number == 0 {
		g.stand(m, first, text)
		return
	}
	last, more := g.best(tag, far)
	a, n := g.best(tag, near)
	b, k := g.best(text, far)
	if n+k < lines+more {
		first, last, text, tag = a, b, tag, text
	}
	g.stand(m, first, text)
	g.stand(m, last, tag)
}

// stand writes a text of a message at a spot.
func (g *Growing) stand(m *message, s spot, text string) {
	g.write("label"+s.anchor, s.x, s.y, text)
	g.labelled[m] = append(g.labelled[m], s.box(text))
}

// best is the first of the spots at which the least goes through a text.
func (g *Growing) best(text string, list []spot) (found spot, lines int) {
	lines = math.MaxInt
	for _, s := range list {
		if n := g.through(s.box(text)); n < lines {
			found, lines = s, n
		}
	}
	return found, lines
}

// through counts what goes through a box: arrows, labels, lifelines, names of faults,
// and the edges of the picture.
func (g *Growing) through(b box) (n int) {
	count := func(yes bool) {
		if yes {
			n++
		}
	}
	for _, m := range g.messages {
		count(b.crossed(g.ends(m)))
		for _, other := range g.labelled[m] {
			count(b.overlaps(other))
		}
	}
	for _, x := range g.x {
		count(b.left < right(x) && right(x) < b.right)
	}
	row := int(math.Round(((b.top+b.bottom)/2 - top) / pitch))
	row = max(0, min(len(g.rows)-1, row)) // the label of the first arrow is above its row
	count(g.rows[row].remark != "" && b.right > right(g.margin(g.rows[row])))
	count(b.left < 0)
	count(b.right > g.Width())
	return n
}
