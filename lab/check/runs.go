package main

import (
	"fmt"
	"slices"

	"example.com/dtx/lab/check/trace"
)

// run is one life of a participant, from its opening: what the laboratory does to it.
type run struct {
	name    string
	actions []action
}

// action is something that the laboratory does. After each it reads the ledger.
type action struct {
	how      fate
	messages []message // several are sent at once
	change   int       // the change of the data at which the process is killed
	reply    string    // the answer to inquiries, until the decision
	order    *trace.Order
}

// fate is what happens to a message.
type fate int

const (
	sent         fate = iota // and asked again until there is an answer
	lost                     // on its way: it is not sent
	unheard                  // sent, and the connection closed before an answer
	killedBefore             // it is sent while the participant is dead
	killedDuring             // the participant dies while it is at work
	killedAfter              // the participant dies when it has answered
	inDoubt                  // not sent: the participant has to inquire, and has no decision yet
	learnt                   // not sent: the participant has to inquire, and gets this decision
	watched                  // sent once: the tracer carries out the action's order
)

// kills tells whether the participant dies and is started again.
func (f fate) kills() bool { return f >= killedBefore && f <= killedAfter }

// story is what happens if nothing fails.
type story struct {
	name     string
	messages []message
	faults   bool // each message is given each fault
	kills    bool // the participant is killed at each message
}

// runs returns what the laboratory tries, in its two phases; in each, the shortest first.
func (p *protocol) runs() (messages, kills []run) {
	for _, s := range p.stories {
		messages = append(messages, s.lostOnce())
		for i := range s.messages {
			if s.faults {
				messages = append(messages, s.faultsAt(i, p.other)...)
			}
			if s.kills {
				kills = append(kills, s.killsAt(i)...)
			}
		}
	}
	messages = append(messages, p.races...)
	shortest := func(a, b run) int { return len(a.actions) - len(b.actions) }
	slices.SortStableFunc(messages, shortest)
	slices.SortStableFunc(kills, shortest)
	return messages, kills
}

// lostOnce loses each request once, on its way.
func (s story) lostOnce() run {
	r := run{name: s.name + ": each request lost once"}
	for _, m := range s.messages {
		r.actions = append(r.actions, action{how: lost, messages: []message{m}}, send(m))
	}
	return r
}

func send(m ...message) action { return action{how: sent, messages: m} }

// at returns the run in which these actions take the place of one message.
func (s story) at(i int, fault string, actions ...action) run {
	n := 0
	for _, m := range s.messages[:i+1] {
		if m.path == s.messages[i].path && m.id == s.messages[i].id {
			n++
		}
	}
	m := s.messages[i]
	r := run{name: fmt.Sprintf("%s: %s @ %s %s #%d", s.name, fault, m.path, m.id, n)}
	for j, m := range s.messages {
		if j == i {
			r.actions = append(r.actions, actions...)
		} else {
			r.actions = append(r.actions, send(m))
		}
	}
	return r
}

// faultsAt gives a message each fault. After the end is after that of another
// transaction, too.
func (s story) faultsAt(i int, other []message) []run {
	m := s.messages[i]
	late := s.at(i, "a copy after the end", send(m))
	for _, o := range other {
		late.actions = append(late.actions, send(o))
	}
	late.actions = append(late.actions, send(m))
	return []run{
		s.at(i, "answer lost", action{how: unheard, messages: []message{m}}, send(m)),
		s.at(i, "twice in turn", send(m), send(m)),
		s.at(i, "twice at once", send(m, m)),
		late,
	}
}

// changes is at how many changes of the data the participant is killed.
const changes = 3

// killsAt kills the participant before, while and after it carries a message out.
func (s story) killsAt(i int) (list []run) {
	kill := func(fault string, how fate, change int) {
		m := s.messages[i]
		killed := action{how: how, messages: []message{m}, change: change}
		list = append(list, s.at(i, fault, killed, send(m)))
	}
	kill("killed before", killedBefore, 0)
	for n := range changes {
		kill(fmt.Sprintf("killed at change %d of the data", n+1), killedDuring, n+1)
	}
	kill("killed after the answer", killedAfter, 0)
	return list
}
