package fault

import (
	"slices"
	"strconv"
	"time"

	"example.com/dtx/lab/event"
)

// Director rules on every stop of a run, after a plan, and keeps the record.
// It decides and writes down; to kill, to wait and to deliver is the world's.
// It is not safe for concurrent use: a world asks it one stop at a time.
type Director struct {
	client string
	keys   bool
	plan   []*planned

	counts   map[string]int       // uses of a point, by its name without number
	begun    map[string]int       // transactions that were to begin, likewise
	lengths  map[string]int       // statements of a transaction, by its point
	expected map[string]int       // the same, of a run without the fault
	full     map[string]time.Time // the time until which a service's disk is full
	passed   []Point
	offers   []Offer
	messages map[string]*message
	cuts     map[link]time.Time // the time until which a link is cut
	lag      map[string]int     // commits that are not on the disk yet
	clocks   map[string]int     // Lamport clocks
	events   []event.Event
	owners   map[string]bool // services with a database
	zombie   *zombie         // nil if no process has been taken for dead
}

// Offer is a fault that could have struck in a run.
type Offer struct {
	Fault
	Seq int // the number of the event before which it could have struck
}

type planned struct {
	Fault
	next  *place // if it strikes at the next point where it can; its own is not known before
	fired bool
}

type message struct {
	from, to string
	point    string // where the request was sent
	clock    int    // the sender's, when it was sent
	served   string // where the request was received, if this is a reply
	delayed  bool   // the network has it, and will deliver it
	settled  bool   // whether it arrived or is lost
}

// NewDirector returns a director for one run. Client is the name of the actor
// that is not part of the system and never dies. Keys says whether messages
// are labelled with the order they are about.
func NewDirector(client string, keys bool, plan ...Fault) *Director {
	d := &Director{
		client: client, keys: keys,
		counts: map[string]int{}, messages: map[string]*message{}, cuts: map[link]time.Time{},
		lag: map[string]int{}, clocks: map[string]int{}, owners: map[string]bool{},
		begun: map[string]int{}, lengths: map[string]int{}, full: map[string]time.Time{},
	}
	for _, f := range plan {
		d.plan = append(d.plan, &planned{Fault: f})
	}
	return d
}

// Events returns the record so far.
func (d *Director) Events() []event.Event { return slices.Clone(d.events) }

// Recorded counts the events so far.
func (d *Director) Recorded() int { return len(d.events) }

// Since returns the record without its first n events.
func (d *Director) Since(n int) []event.Event { return slices.Clone(d.events[n:]) }

// Passed returns the points that the run came to, in order.
func (d *Director) Passed() []Point { return slices.Clone(d.passed) }

// Offers returns the faults that could have struck, in the order in which the
// run came to them.
func (d *Director) Offers() []Offer { return slices.Clone(d.offers) }

// offer notes that faults could strike now at a point of a service.
func (d *Director) offer(service, point string, kinds ...Kind) {
	for _, k := range kinds {
		if (service != d.client || !slices.Contains(notOfClient, k)) && !d.bars(k) {
			d.offers = append(d.offers, Offer{Fault{k, point}, len(d.events) + 1})
		}
	}
}

// withdraw takes back what was offered at a point.
func (d *Director) withdraw(point string, kinds ...Kind) {
	d.offers = slices.DeleteFunc(d.offers, func(o Offer) bool {
		return o.Point == point && slices.Contains(kinds, o.Kind)
	})
}

// Unfired returns the planned faults whose moment has not come.
func (d *Director) Unfired() (list []Fault) {
	for _, p := range d.plan {
		if !p.fired {
			list = append(list, p.Fault)
		}
	}
	return list
}

// Record adds an event and gives it its number and its clock.
func (d *Director) Record(e event.Event) {
	if e.Kind != event.Verdict {
		d.clocks[e.Service]++
	}
	e.Seq, e.Lamport = len(d.events)+1, d.clocks[e.Service]
	d.events = append(d.events, e)
}

// Rule decides what happens at a stop. A stop that is held comes back when its
// time is over, with the point of the first ruling.
func (d *Director) Rule(s Stop, now time.Time) (Ruling, Deed) {
	switch s.Step {
	case Beginning:
		return d.beginning(s)
	case Committing:
		return d.committing(s, now)
	case Committed:
		return d.committed(s)
	case Sending:
		return d.sending(s, now)
	case Receiving:
		return d.receiving(s, now)
	case Replying:
		return d.replying(s, now)
	case Answered:
		return d.answered(s, now)
	case Ignored:
		d.ignored(s, now)
	case Failed:
		d.failed(s)
	}
	return Ruling{Point: s.Point}, Deed{}
}

// arrive numbers a point and notes that the run came here.
func (d *Director) arrive(s Stop) Point {
	p := s.Point
	if p.N > 0 {
		return p
	}
	d.counts[p.Base()]++
	p.N = d.counts[p.Base()]
	d.passed = append(d.passed, p)
	d.offer(p.Service, p.String(), onArrival(p, s.Serving != "", d.lag[p.Service] > 0)...)
	d.offerZombies(p, zombiesAt(p))
	return p
}

// strike fires the planned fault of one of the kinds at a point, if there is one.
func (d *Director) strike(point string, kinds ...Kind) Kind {
	for _, p := range d.plan {
		comes := p.Point == point || d.suits(p, point)
		if !p.fired && slices.Contains(kinds, p.Kind) && !d.bars(p.Kind) && comes {
			p.fired, p.Point = true, point
			return p.Kind
		}
	}
	return ""
}

// befall handles the faults that strike on arrival, whatever the boundary.
func (d *Director) befall(p Point, r *Ruling, now time.Time) Deed {
	if deed := d.haunt(p, zombiesAt(p), now); deed != (Deed{}) {
		return deed
	}
	deaths := []Kind{Crash, PowerCut}
	if p.Boundary == Commit {
		// A power cut comes after the commit, and shows whether it was forced.
		deaths = []Kind{CrashBefore}
	}
	switch k := d.strike(p.String(), append(deaths, Pause, Slow, HangUp, GoodOrder)...); k {
	case Crash, CrashBefore, PowerCut:
		return d.crash(p.Service, p.String(), k)
	case Pause, Slow:
		d.Record(event.Event{
			Service: p.Service, Kind: event.State, Point: p.String(),
			Data: event.Data{Text: "stands still", Fault: string(k)},
		})
		return Deed{Hold: Long, Pause: k == Pause}
	case HangUp:
		d.Record(event.Event{
			Service: p.Service, Kind: event.State, Point: p.String(),
			Data: event.Data{Text: "its caller is gone", Fault: string(k)},
		})
		r.HangUp = true
	case GoodOrder:
		d.state(p, k, "is told to end")
		r.End = true
	}
	return Deed{}
}

func (d *Director) crash(service, point string, k Kind) Deed {
	data := event.Data{Fault: string(k)}
	d.Record(event.Event{Service: service, Kind: event.Crash, Point: point, Data: data})
	powerCut := k == PowerCut || k == PowerCutAfterReply
	if powerCut {
		d.lag[service] = 0
	}
	return Deed{Crash: service, PowerCut: powerCut}
}

func (d *Director) committing(s Stop, now time.Time) (Ruling, Deed) {
	again := s.Point.N > 0
	r := Ruling{Point: d.arrive(s)}
	if !again {
		d.ran(s, r.Point)
	}
	if now.Before(d.full[s.Point.Service]) {
		d.withdraw(r.Point.String(), CrashAfter, PowerCut) // there is no commit
	}
	if deed := d.befall(r.Point, &r, now); deed != (Deed{}) {
		return r, deed
	}
	r.Fail = d.disk(r.Point, now)
	return r, Deed{}
}

func (d *Director) committed(s Stop) (Ruling, Deed) {
	d.Record(event.Event{
		Service: s.Point.Service, Kind: event.Commit, Point: s.Point.String(),
		Data: event.Data{Fault: s.Text, Forced: s.Forced},
	})
	if s.Forced {
		d.lag[s.Point.Service] = 0
	} else {
		d.lag[s.Point.Service]++
	}
	if k := d.strike(s.Point.String(), CrashAfter, PowerCut); k != "" {
		return Ruling{Point: s.Point}, d.crash(s.Point.Service, s.Point.String(), k)
	}
	return Ruling{Point: s.Point}, Deed{}
}

// send records that a message leaves, and gives it its name.
func (d *Director) send(m message, text string, k Kind, reply bool) string {
	id := "m" + strconv.Itoa(len(d.messages)+1)
	d.Record(event.Event{
		Service: m.from, Kind: event.Send, Message: id, Point: m.point,
		Data: event.Data{Peer: m.to, Text: text, Fault: string(k), Reply: reply},
	})
	m.clock = d.clocks[m.from]
	d.messages[id] = &m
	return id
}

// reach notes which process a message reaches: it may be a zombie.
func (d *Director) reach(id, service string) {
	if m := d.messages[id]; m != nil {
		m.to = service
	}
}

// receive records that a message arrives.
func (d *Director) receive(id string, point Point, reply bool) {
	m := d.messages[id]
	if m == nil { // the sender is one that the laboratory does not know
		m = &message{from: "?", to: point.Service}
	}
	d.clocks[m.to] = max(d.clocks[m.to], m.clock)
	d.Record(event.Event{
		Service: m.to, Kind: event.Receive, Message: id, Point: point.String(),
		Data: event.Data{Peer: m.from, Reply: reply},
	})
	m.settled = true
}

// drop records that a message is lost.
func (d *Director) drop(id string, k Kind, reply bool) {
	m := d.messages[id]
	d.Record(event.Event{
		Service: m.from, Kind: event.Drop, Message: id,
		Data: event.Data{Peer: m.to, Fault: string(k), Reply: reply},
	})
	m.settled = true
}
