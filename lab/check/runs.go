package main

import (
	"fmt"
	"slices"
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
)

// kills tells whether the participant dies and is started again.
func (f fate) kills() bool { return f >= killedBefore }

// story is what happens if nothing fails.
type story struct {
	name     string
	messages []message
	faults   bool // each message is given each fault
	kills    bool // the participant is killed at each message
}

func stories() []story {
	on := func(path, saga, item string, units int64) message {
		return message{path, saga, account{item, units}}
	}
	tea, back := on(take, "order-1", "tea", 2), on(giveBack, "order-1", "tea", 2)
	two, twoBack := on(take, "order-1", "truffle", 2), on(giveBack, "order-1", "truffle", 2)
	last, lastBack := on(take, "order-1", "truffle", 1), on(giveBack, "order-1", "truffle", 1)
	second := on(take, "order-2", "truffle", 1)
	return []story{
		{"done", []message{tea}, true, true},
		{"refused", []message{two}, true, true},
		{"unknown item", []message{on(take, "order-1", "shovel", 1)}, false, false},
		{"compensated", []message{tea, back}, true, true},
		{"the compensation of an unknown saga, then its step", []message{back, tea}, true, true},
		{"refused, compensated, late", []message{two, twoBack, two}, false, false},
		{"ids that are prefixes", []message{tea, on(take, "order-10", "tea", 2), back},
			false, false},
		{"the same id with another body", []message{tea, on(take, "order-1", "tea", 3),
			on(take, "order-1", "salt", 2), on(giveBack, "order-1", "tea", 3), back}, false, false},
		{"what the contract forbids", []message{on(take, "", "tea", 2), on(giveBack, "", "tea", 2),
			on(take, "order-1", "tea", 0), on(giveBack, "order-1", "tea", 0), tea}, false, false},
		{"refused, then units come back", []message{last, second, lastBack, second}, true, true},
	}
}

// runs returns what the laboratory tries, in its two phases; in each, the shortest first.
func runs() (messages, kills []run) {
	for _, s := range stories() {
		messages = append(messages, s.lostOnce())
		for i := range s.messages {
			if s.faults {
				messages = append(messages, s.faultsAt(i)...)
			}
			if s.kills {
				kills = append(kills, s.killsAt(i)...)
			}
		}
	}
	messages = append(messages, races()...)
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
		if m.path == s.messages[i].path && m.saga == s.messages[i].saga {
			n++
		}
	}
	m := s.messages[i]
	r := run{name: fmt.Sprintf("%s: %s @ %s %s #%d", s.name, fault, m.path, m.saga, n)}
	for j, m := range s.messages {
		if j == i {
			r.actions = append(r.actions, actions...)
		} else {
			r.actions = append(r.actions, send(m))
		}
	}
	return r
}

// faultsAt gives a message each fault. Stock has no call that finishes a step, so after
// the finish is after the end of the saga, and of another one.
func (s story) faultsAt(i int) []run {
	m := s.messages[i]
	other := message{take, "order-3", account{"salt", 1}}
	late := s.at(i, "a copy after the end", send(m))
	late.actions = append(late.actions, send(other), send(m))
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
		list = append(list, s.at(i, fault, action{how, []message{m}, change}, send(m)))
	}
	kill("killed before", killedBefore, 0)
	for n := range changes {
		kill(fmt.Sprintf("killed at change %d of the data", n+1), killedDuring, n+1)
	}
	kill("killed after the answer", killedAfter, 0)
	return list
}

// races are messages that overtake each other.
func races() []run {
	tea := message{take, "order-1", account{"tea", 2}}
	back := message{giveBack, "order-1", account{"tea", 2}}
	last := message{take, "order-1", account{"truffle", 1}}
	other := message{take, "order-2", account{"truffle", 1}}
	return []run{
		{"the last unit: two sagas at once", []action{send(last, other)}},
		{"a step and its compensation at once", []action{send(tea, back), send(tea)}},
		{"given up: the compensation overtakes the step", []action{
			{how: unheard, messages: []message{tea}}, send(back), send(tea)}},
		{"given up: the step is lost", []action{
			{how: lost, messages: []message{tea}}, send(back)}},
	}
}
