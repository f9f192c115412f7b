package fault

import (
	"slices"
	"time"

	"example.com/dtx/lab/event"
)

// This file follows one request and its answer: sending, receiving, replying,
// answered, or failed.

func (d *Director) sending(s Stop, now time.Time) (Ruling, Deed) {
	r := Ruling{Point: d.arrive(s)}
	if deed := d.befall(r.Point, &r, now); deed != (Deed{}) {
		return r, deed
	}
	m := message{from: s.Point.Service, to: d.Reached(s.Point.Peer, now), point: r.Point.String()}
	kinds := []Kind{Lost, Twice, TwiceAtOnce, Late, AtRest, Partition}
	k := d.strike(m.point, slices.Concat(kinds, strangers)...)
	if k == Partition {
		d.cuts[between(m.from, m.to)] = now.Add(Long)
	} else if d.cut(m.from, m.to, now) && k == "" {
		k = Partition
	}
	r.Messages = append(r.Messages, d.send(m, d.label(s.Point), k, false))
	switch k {
	case Lost, Partition:
		d.drop(r.Messages[0], k, false)
		r.Lost = true
	case Stranger404, Stranger502, Stranger200:
		d.drop(r.Messages[0], k, false)
		r.Fail = k
		d.state(r.Point, k, "a stranger answers")
	case Twice, TwiceAtOnce:
		r.Messages = append(r.Messages, d.send(m, d.label(s.Point), k, false))
		r.AtOnce = k == TwiceAtOnce
	case Late:
		r.When = WhenGaveUp
	case AtRest:
		r.When = WhenAtRest
	}
	d.messages[r.Messages[0]].delayed = r.When != Now
	return r, Deed{}
}

// label is what a drawing writes on a request.
func (d *Director) label(p Point) string {
	if d.keys && p.Key != "" {
		return p.Op + " " + p.Key
	}
	return p.Op
}

func (d *Director) receiving(s Stop, now time.Time) (Ruling, Deed) {
	again := s.Point.N > 0
	r := Ruling{Point: d.arrive(s)}
	if !again {
		d.reach(s.Message, s.Point.Service)
		d.receive(s.Message, r.Point, false)
	}
	deed := d.befall(r.Point, &r, now)
	return r, deed
}

func (d *Director) replying(s Stop, now time.Time) (Ruling, Deed) {
	r := Ruling{Point: s.Point}
	d.offer(s.Point.Service, s.Point.String(), CrashBeforeReply)
	if k := d.strike(s.Point.String(), CrashBeforeReply); k != "" {
		return r, d.crash(s.Point.Service, s.Point.String(), k)
	}
	request := d.messages[s.Message]
	if request == nil {
		return r, Deed{}
	}
	m := message{
		from: s.Point.Service, to: request.from, point: request.point, served: s.Point.String(),
	}
	id, k := d.reply(m, s.Text, now)
	r.Messages = []string{id}
	if k != "" || s.Gone {
		d.drop(id, k, true)
		r.Lost = true
	}
	return r, Deed{}
}

func (d *Director) answered(s Stop, now time.Time) (Ruling, Deed) {
	r := Ruling{Point: s.Point}
	if s.Reply == "" {
		if s.Reply, r.Lost = d.vouch(s, now); r.Lost {
			return r, Deed{}
		}
	}
	if !d.messages[s.Reply].settled {
		d.reach(s.Reply, s.Point.Service)
		d.receive(s.Reply, s.Point, true)
		d.offerZombies(s.Point, zombiesOnReply)
		if deed := d.haunt(s.Point, zombiesOnReply, now); deed != (Deed{}) {
			return r, deed
		}
	}
	d.offer(s.Point.Service, s.Point.String(), CrashOnReply)
	if k := d.strike(s.Point.String(), CrashOnReply); k != "" {
		return r, d.crash(s.Point.Service, s.Point.String(), k)
	}
	return r, d.afterReply(d.messages[s.Reply])
}

// afterReply is the moment when the one who answered may die in the belief
// that all is done.
func (d *Director) afterReply(reply *message) Deed {
	if reply.served == "" { // the laboratory does not stand beside the receiver
		return Deed{}
	}
	d.offer(reply.from, reply.served, CrashAfterReply)
	if d.lag[reply.from] > 0 {
		d.offer(reply.from, reply.served, PowerCutAfterReply)
	}
	if k := d.strike(reply.served, CrashAfterReply, PowerCutAfterReply); k != "" {
		return d.crash(reply.from, reply.served, k)
	}
	return Deed{}
}

// vouch records what a service did that the laboratory does not stand beside,
// such as one in another language: it received, and it answered. It tells whether the
// answer is lost.
func (d *Director) vouch(s Stop, now time.Time) (reply string, lost bool) {
	request := d.messages[s.Message]
	d.receive(s.Message, s.Point, false)
	m := message{from: request.to, to: request.from, point: request.point}
	reply, k := d.reply(m, s.Text, now)
	if k != "" {
		d.drop(reply, k, true)
	}
	return reply, k != ""
}

// reply records that an answer leaves, and rules whether the network loses it.
func (d *Director) reply(m message, text string, now time.Time) (id string, k Kind) {
	d.offer(m.to, m.point, ReplyLost)
	k = d.strike(m.point, ReplyLost)
	if k == "" && d.cut(m.from, m.to, now) {
		k = Partition
	}
	return d.send(m, text, k, true), k
}

func (d *Director) ignored(s Stop, now time.Time) {
	switch {
	case s.Gone: // there is no answer
		d.messages[s.Message].delayed = false
		d.lose(s.Message)
	case s.Reply == "":
		if reply, lost := d.vouch(s, now); !lost {
			d.drop(reply, "", true)
		}
	default:
		d.drop(s.Reply, "", true)
	}
}

// lose drops a request that has not arrived and never will.
func (d *Director) lose(id string) {
	if m := d.messages[id]; m != nil && !m.settled && !m.delayed {
		d.drop(id, "", false)
	}
}

func (d *Director) failed(s Stop) {
	if s.Gone {
		d.lose(s.Message)
	}
	d.Record(event.Event{
		Service: s.Point.Service, Kind: event.State, Point: s.Point.String(),
		Data: event.Data{Text: s.Text},
	})
}
