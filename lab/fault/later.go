package fault

import (
	"fmt"
	"slices"
	"strings"
)

// This file is what is planned while a run is under way.

// Plan adds a fault to the plan.
func (d *Director) Plan(f Fault) error {
	if slices.ContainsFunc(d.passed, func(p Point) bool { return p.String() == f.Point }) {
		return fmt.Errorf("fault %q: the run has been there already", f)
	}
	d.plan = append(d.plan, &planned{Fault: f})
	return nil
}

// place narrows down where a fault may strike. An empty name is any.
type place struct{ service, peer string }

// Next plans a fault for the next point where it can strike: one of a service,
// if it is named, at which it asks a peer, if that is named. The function that
// it returns tells the fault's name, once it has struck.
func (d *Director) Next(k Kind, service, peer string) (struck func() (Fault, bool), err error) {
	switch {
	case !slices.Contains(Kinds(), k):
		return nil, fmt.Errorf("there is no kind %q; the kinds are: %s", k, join(Kinds()))
	case peer != "" && !slices.Contains(whereSent, k):
		return nil, fmt.Errorf("%q does not strike where a peer is asked", k)
	case k == LastStatement:
		return nil, fmt.Errorf("%q is known only when a run is played again", k)
	case service == d.client && (slices.Contains(notOfClient, k) || !slices.Contains(whereSent, k)):
		return nil, fmt.Errorf("%q cannot befall the %s", k, d.client)
	}
	p := &planned{Fault: Fault{Kind: k}, next: &place{service, peer}}
	d.plan = append(d.plan, p)
	return func() (Fault, bool) { return p.Fault, p.fired }, nil
}

// whereSent are the faults that can strike where a request is sent.
var whereSent = slices.Concat(
	atSend, []Kind{ReplyLost, CrashOnReply, HangUp, PowerCut}, zombiesAtSend, zombiesOnReply)

// suits tells whether a fault without a point of its own can strike at this one.
func (d *Director) suits(p *planned, point string) bool {
	return p.next != nil && p.next.has(point) &&
		slices.ContainsFunc(d.offers, func(o Offer) bool { return o.Fault == Fault{p.Kind, point} })
}

// has tells whether a point is at the place: its name begins with "order: " or
// "order → stock: ".
func (p place) has(point string) bool {
	head, _, _ := strings.Cut(point, ": ")
	service, peer, _ := strings.Cut(head, " → ")
	return (p.service == "" || p.service == service) && (p.peer == "" || p.peer == peer)
}

// Fired returns the faults that have struck, in the order in which they were
// planned.
func (d *Director) Fired() (list []Fault) {
	for _, p := range d.plan {
		if p.fired {
			list = append(list, p.Fault)
		}
	}
	return list
}
