package fault

import (
	"slices"
	"strings"
	"time"

	"example.com/dtx/lab/event"
)

// The faults after which a process goes on beside its successor. They strike
// outside the process's own write transactions.
const (
	Zombie              Kind = "zombie"
	ZombieAsked         Kind = "zombie asked"
	ZombieAsleep        Kind = "zombie asleep"
	ZombieCutOff        Kind = "zombie cut off" // where a request is sent
	ZombieOnReply       Kind = "zombie on reply"
	ZombieAsleepOnReply Kind = "zombie asleep on reply"
)

var (
	zombies        = []Kind{Zombie, ZombieAsked, ZombieAsleep}
	zombiesAtSend  = append(slices.Clone(zombies), ZombieCutOff)
	zombiesOnReply = []Kind{ZombieOnReply, ZombieAsleepOnReply}
	// barred lists what cannot strike beside a zombie: there is one at a time, a
	// power cut would have to take both processes, and so would an end in good order.
	barred = slices.Concat(zombiesAtSend, zombiesOnReply,
		[]Kind{PowerCut, PowerCutAfterReply, LostFsync, GoodOrder})
)

// Zombies lists the kinds after which a process goes on beside its successor.
func Zombies() []Kind { return slices.Concat(zombiesAtSend, zombiesOnReply) }

// Old is the name of a service's process after it was taken for dead.
func Old(service string) string { return service + " (old)" }

// zombie is a process that was taken for dead.
type zombie struct {
	service string
	asked   time.Time // New requests reach it until then.
	cutOff  time.Time // It reaches no other service until then.
}

// Owns tells the director that a service has a database of its own, which a
// successor can open beside it.
func (d *Director) Owns(service string) { d.owners[service] = true }

// Reached names the process that a new request to a service reaches.
func (d *Director) Reached(service string, now time.Time) string {
	if z := d.zombie; z != nil && z.service == service && now.Before(z.asked) {
		return Old(service)
	}
	return service
}

// cutOff tells whether a link is cut because a zombie is at one of its ends. The
// link to the client is not.
func (d *Director) cutOff(a, b string, now time.Time) bool {
	z := d.zombie
	return z != nil && now.Before(z.cutOff) && a != d.client && b != d.client &&
		(a == Old(z.service) || b == Old(z.service))
}

// zombiesAt lists the zombies that a point may make on arrival.
func zombiesAt(p Point) []Kind {
	if p.Boundary == Send {
		return zombiesAtSend
	}
	return zombies
}

// offerZombies notes that the process that has come to a point could be taken
// for dead there.
func (d *Director) offerZombies(p Point, kinds []Kind) {
	if d.owners[p.Service] && p.Boundary != Commit {
		d.offer(p.Service, p.String(), kinds...)
	}
}

// haunt makes a zombie of the process at a point if the plan says so.
func (d *Director) haunt(p Point, kinds []Kind, now time.Time) Deed {
	if !d.owners[p.Service] || p.Boundary == Commit {
		return Deed{}
	}
	k := d.strike(p.String(), kinds...)
	if k == "" {
		return Deed{}
	}
	d.TakeForDead(p, k)
	switch k {
	case ZombieAsked:
		d.zombie.asked = now.Add(Long)
	case ZombieCutOff:
		d.zombie.cutOff = now.Add(Long)
	}
	asleep := k == ZombieAsleep || k == ZombieAsleepOnReply
	if asleep {
		d.note(Old(p.Service), event.State, "stands still")
	}
	return Deed{Replace: p.Service, Asleep: asleep}
}

// TakeForDead notes that the process at a point is taken for dead, and goes on
// under its old name.
func (d *Director) TakeForDead(p Point, k Kind) {
	d.zombie = &zombie{service: p.Service}
	d.rename(p.Service, Old(p.Service))
	d.Record(event.Event{
		Service: p.Service, Kind: event.Replaced, Point: p.String(),
		Data: event.Data{Peer: Old(p.Service), Text: "taken for dead", Fault: string(k)},
	})
}

// Succeed notes that the successor of a service's process has started.
func (d *Director) Succeed(service string) { d.note(service, event.Restart, "successor") }

// Wake notes that the zombie goes on, now that its successor is at rest.
func (d *Director) Wake() { d.note(Old(d.zombie.service), event.State, "wakes") }

func (d *Director) note(service string, k event.Kind, text string) {
	d.Record(event.Event{Service: service, Kind: k, Data: event.Data{Text: text}})
}

// rename gives what a process has begun to the name under which it goes on. Its
// points are numbered further.
func (d *Director) rename(service, old string) {
	d.clocks[old] = d.clocks[service]
	for _, m := range d.messages {
		if m.from == service {
			m.from = old
		}
	}
	d.counts, d.begun = renamed(d.counts, service, old), renamed(d.begun, service, old)
}

// renamed returns numbers of points, those of a service also under its old name.
func renamed(numbers map[string]int, service, old string) map[string]int {
	counts := map[string]int{}
	for base, n := range numbers {
		rest, mine := strings.CutPrefix(base, service)
		if mine && (strings.HasPrefix(rest, ": ") || strings.HasPrefix(rest, " → ")) {
			counts[old+rest] = n
		}
		counts[base] = n
	}
	return counts
}

// bars tells whether a fault cannot strike because there is a zombie.
func (d *Director) bars(k Kind) bool { return d.zombie != nil && slices.Contains(barred, k) }
