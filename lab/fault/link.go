package fault

import (
	"time"

	"example.com/dtx/lab/event"
)

// link is what lies between two actors, in whichever order they are named.
type link [2]string

func between(a, b string) link {
	if a > b {
		a, b = b, a
	}
	return link{a, b}
}

func (d *Director) cut(a, b string, now time.Time) bool {
	return now.Before(d.cuts[between(a, b)]) || d.cutOff(a, b, now)
}

// forever is how long a link stays cut that only Heal heals.
const forever = 100 * 365 * 24 * time.Hour

// Cut cuts a link, until Heal. It returns false if it is cut already.
func (d *Director) Cut(a, b string, now time.Time) bool {
	if d.cut(a, b, now) {
		return false
	}
	d.cuts[between(a, b)] = now.Add(forever)
	cut := event.Data{Peer: b, Text: "link to " + b + " cut"}
	d.Record(event.Event{Service: a, Kind: event.State, Data: cut})
	return true
}

// Heal joins a link again. It returns false if it is not cut.
func (d *Director) Heal(a, b string, now time.Time) bool {
	if !d.cut(a, b, now) {
		return false
	}
	delete(d.cuts, between(a, b))
	healed := event.Data{Peer: b, Text: "link to " + b + " healed"}
	d.Record(event.Event{Service: a, Kind: event.State, Data: healed})
	return true
}

// Apart names two actors whose link only Heal will heal; ok tells whether there
// are any.
func (d *Director) Apart(now time.Time) (a, b string, ok bool) {
	for l, until := range d.cuts {
		if until.Sub(now) > Long {
			return l[0], l[1], true
		}
	}
	return "", "", false
}
