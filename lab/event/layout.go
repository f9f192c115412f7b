package event

import "slices"

// diagram is a run that is laid out but not drawn: which row and which column
// everything is in. Text and SVG draw the same diagram.
//
// It grows at the bottom only: a further event never moves an earlier row.
type diagram struct {
	services []string   // the services of the columns
	names    []string   // what is written above them
	lives    [][]life   // the lives of each column, in order
	x        []int      // where the lifelines stand, in characters from the left
	rows     []row      // the rows from top to bottom
	messages []*message // the messages in the order in which they were sent

	across   int // the width of a line of words, in characters
	byName   map[string]*message
	numbered int // messages that have a number
}

// row is what happens at one height: a message leaves, arrives or both, or a
// mark stands on a lifeline, or a line of words goes across.
type row struct {
	sent   *message // leaves here
	ended  *message // arrives or is lost here; the same as sent if nothing lies between
	mark   *mark
	across string // words that belong to no column
	blank  bool   // keeps them at a distance
	remark string // the faults that struck here
}

// message is an arrow.
type message struct {
	from, to    int // columns
	sent, ended int // rows, or pending
	text        string
	number      int // joins both ends if something lies between them, else 0
	lost, reply bool
}

// pending stands for the row of an end that has not come yet.
const pending = -1

// mark is a sign on a lifeline, with a word beside it.
type mark struct {
	kind   Kind // Commit, Crash, Restart, Replaced or State
	column int
	text   string
	forced bool
}

// life is the time of a process from its start to its crash; in rows.
type life struct{ from, to int }

// endless is the end of a life without a crash.
const endless = int(^uint(0) >> 1)

// arrange lays a run out.
func arrange(columns []string, events []Event) *diagram {
	d := &diagram{across: maxAcross, byName: map[string]*message{}}
	for _, service := range columns {
		d.column(service)
	}
	for _, e := range events {
		d.add(e)
	}
	d.place()
	d.fit()
	return d
}

// column finds the column of a service, or adds one at the right.
func (d *diagram) column(service string) int {
	if i := slices.Index(d.services, service); i >= 0 {
		return i
	}
	d.services = append(d.services, service)
	d.names = append(d.names, shorten(printable(service), maxName))
	d.lives = append(d.lives, []life{{0, endless}})
	return len(d.services) - 1
}

func (d *diagram) add(e Event) {
	switch {
	case e.Kind == Verdict || e.Service == "":
		d.addWords(e)
	case !e.travels():
		d.addMark(e)
	case e.Kind == Send:
		d.addSend(e)
	default:
		d.addEnd(e)
	}
}

// travels tells a message from what happens at one service alone.
func (e Event) travels() bool {
	switch e.Kind {
	case Send, Receive, Drop:
		return e.Data.Peer != "" && e.Data.Peer != e.Service
	}
	return false
}

// open begins a row. From now on something lies between a message that has
// just been sent and its end: a number will join the two.
func (d *diagram) open(r row) {
	if n := len(d.rows); n > 0 && d.rows[n-1].ended == nil {
		if m := d.rows[n-1].sent; m != nil {
			d.numbered++
			m.number = d.numbered
		}
	}
	d.rows = append(d.rows, r)
}

func (d *diagram) addSend(e Event) {
	m := d.addMessage(e, e.Service, e.Data.Peer)
	m.sent = len(d.rows)
	d.byName[e.Message] = m
	d.open(row{sent: m, remark: e.remark()})
}

func (d *diagram) addMessage(e Event, from, to string) *message {
	m := &message{
		from: d.column(from), to: d.column(to), sent: pending, ended: pending,
		text: shorten(printable(e.Data.Text), maxLabel), reply: e.Data.Reply,
	}
	d.messages = append(d.messages, m)
	return m
}

// addEnd draws an arrival or a loss. If it comes right after the send, both
// are in one row.
func (d *diagram) addEnd(e Event) {
	m := d.ending(e)
	m.lost = e.Kind == Drop
	if e.Kind == Receive {
		m.to = d.column(e.Service) // in the end, it may have reached a zombie
	}
	last := len(d.rows) - 1
	if last >= 0 && d.rows[last].sent == m {
		m.ended = last
		d.rows[last].ended = m
		d.rows[last].remark = join(d.rows[last].remark, e.remark())
		return
	}
	m.ended = len(d.rows)
	if m.sent == pending {
		m.sent = m.ended
	}
	d.open(row{ended: m, remark: e.remark()})
}

// ending finds the message that ends. One that ends once more, or whose sending
// was not seen, is an arrow of its own.
func (d *diagram) ending(e Event) *message {
	first := d.byName[e.Message]
	if first != nil && first.ended == pending {
		return first
	}
	from, to := e.Data.Peer, e.Service
	if e.Kind == Drop {
		from, to = to, from
	}
	m := d.addMessage(e, from, to)
	if first != nil {
		m.sent, m.text, m.number = first.sent, first.text, first.number
	}
	return m
}

func (d *diagram) addMark(e Event) {
	m := &mark{kind: State, column: d.column(e.Service), text: e.word(), forced: e.Data.Forced}
	switch e.Kind {
	case Commit, Crash, Restart, Replaced:
		m.kind = e.Kind
	}
	d.live(m)
	if e.Kind == Replaced { // it goes on in a column of its own
		d.lives[d.column(e.Data.Peer)] = []life{{len(d.rows), endless}}
	}
	remark := e.remark()
	if remark == m.text {
		remark = "" // it is said already
	}
	d.open(row{mark: m, remark: remark})
}

// live ends or begins a life in the next row.
func (d *diagram) live(m *mark) {
	lives := d.lives[m.column]
	up := &lives[len(lives)-1]
	switch {
	case (m.kind == Crash || m.kind == Replaced) && up.to == endless:
		up.to = len(d.rows)
	case m.kind == Restart && up.to != endless:
		d.lives[m.column] = append(lives, life{len(d.rows), endless})
	}
}

// addWords writes a verdict, in as many rows as it needs.
func (d *diagram) addWords(e Event) {
	if n := len(d.rows); n > 0 && d.rows[n-1].across == "" {
		d.open(row{blank: true})
	}
	remark := e.remark()
	for _, text := range wrap(e.word(), d.across) {
		d.open(row{across: text, remark: remark})
		remark = ""
	}
}

// up tells whether a column's process is alive in a row.
func (d *diagram) up(column, row int) bool {
	return slices.ContainsFunc(d.lives[column], func(l life) bool {
		return l.from <= row && row <= l.to
	})
}

// height is the number of rows down to the last one with a lifeline.
func (d *diagram) height() int {
	n := len(d.rows)
	for n > 0 && (d.rows[n-1].across != "" || d.rows[n-1].blank) {
		n--
	}
	return n
}
