package fault

import (
	"slices"
	"time"

	"example.com/dtx/lab/event"
)

// This file is what fails while the process lives on: a transaction, a statement
// in it, the disk for a while, and an answer that is not the service's.

// The faults of a transaction before it commits. They are named after its commit.
const (
	NotBegun       Kind = "not begun"
	FirstStatement Kind = "first statement fails"
	LastStatement  Kind = "last statement fails"
)

// The faults of a commit that outlast it.
const (
	DiskFull  Kind = "disk full for a minute"
	LostFsync Kind = "lost fsync"
)

// The answers of something that is not the service.
const (
	Stranger404 Kind = "stranger answers 404"
	Stranger502 Kind = "stranger answers 502"
	Stranger200 Kind = "stranger answers 200"
)

// GoodOrder is the end of a process that is told to end.
const GoodOrder Kind = "good order"

// fullTime is how long a disk stays full after DiskFull.
const fullTime = time.Minute

var (
	atBegin   = []Kind{NotBegun, FirstStatement, LastStatement}
	strangers = []Kind{Stranger404, Stranger502, Stranger200}

	// notOfClient cannot befall the client, or makes no difference to the shop:
	// what a stranger answers to a customer, the shop never learns.
	notOfClient = slices.Concat(ofProcess, strangers)
)

// beginning numbers a transaction, and rules whether it begins and which of its
// statements fails.
func (d *Director) beginning(s Stop) (Ruling, Deed) {
	p := s.Point
	d.begun[p.Base()]++
	p.N = d.begun[p.Base()]
	r := Ruling{Point: p}
	point := p.String()
	d.offer(p.Service, point, NotBegun, FirstStatement)
	switch k := d.strike(point, atBegin...); k {
	case NotBegun:
		r.Fail = k
		d.state(p, k, "BEGIN fails")
	case FirstStatement, LastStatement:
		r.Statement = 1
		if k == LastStatement {
			r.Statement = d.expected[point]
		}
		d.state(p, k, "a statement fails")
	}
	return r, Deed{}
}

// disk rules whether a COMMIT fails. A full disk fails all of them.
func (d *Director) disk(p Point, now time.Time) Kind {
	k := d.strike(p.String(), NotApplied, Applied, DiskFull, LostFsync)
	if k == DiskFull {
		d.full[p.Service] = now.Add(fullTime)
	} else if k == "" && now.Before(d.full[p.Service]) {
		k = DiskFull
	}
	if k == NotApplied || k == DiskFull {
		d.state(p, k, "COMMIT fails")
	}
	return k
}

// HealedAt returns when the last disk that was full has room again.
func (d *Director) HealedAt() (last time.Time) {
	for _, t := range d.full {
		if t.After(last) {
			last = t
		}
	}
	return last
}

// ran notes how many statements a transaction has that is about to commit, and
// what else its end makes possible.
func (d *Director) ran(s Stop, at Point) {
	if s.Forced {
		d.offer(at.Service, at.String(), LostFsync)
	}
	if s.Begun == 0 || s.Statements < 2 { // the first statement is the last
		return
	}
	p := s.Point
	p.N = s.Begun
	d.lengths[p.String()] = s.Statements
	d.offer(p.Service, p.String(), LastStatement)
}

// Lengths returns how many statements each transaction had, by its point.
func (d *Director) Lengths() map[string]int { return d.lengths }

// Expect tells the director the lengths of a run with the same plan without the
// LastStatement in it: no run knows its last statement before it has ended.
func (d *Director) Expect(lengths map[string]int) { d.expected = lengths }

// Unforeseen returns a plan without the faults that need Expect, and whether
// there are any.
func Unforeseen(plan []Fault) (rest []Fault, needed bool) {
	for _, f := range plan {
		if f.Kind != LastStatement {
			rest = append(rest, f)
		}
	}
	return rest, len(rest) < len(plan)
}

// Ended records that a process has ended in good order: its database is whole.
func (d *Director) Ended(service string) {
	d.lag[service] = 0
	d.Record(event.Event{
		Service: service, Kind: event.Crash, Data: event.Data{Text: "ends in good order"},
	})
}

// CutPower records that a service's power is cut when all is at rest.
func (d *Director) CutPower(service string) { d.crash(service, "", PowerCut) }

// state records what a fault does to a service.
func (d *Director) state(p Point, k Kind, text string) {
	d.Record(event.Event{
		Service: p.Service, Kind: event.State, Point: p.String(),
		Data: event.Data{Text: text, Fault: string(k)},
	})
}
