package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// protocol is what a participant has to do, as a model of it, and what it is put through.
type protocol struct {
	name    string
	chapter string            // folder of the chapter, which has the contract
	opening map[string]int64  // units of each item at the first start
	listed  map[string]string // states of a branch that the ledger lists, and the words for them
	stories []story
	races   []run
	other   []message // another transaction, from its begin to its end

	// apply returns the state after a message, and the right answer.
	apply func(state, message) (state, string)
	// body returns what is sent with a message.
	body func(message) any
	// decides tells whether a message is a decision, which the participant can also
	// inquire about. It is nil if the laboratory answers no inquiries.
	decides func(message) bool
	// cut returns the states that a power cut can leave of a state. It is nil if all that is
	// answered must be forced.
	cut func(state) []state
}

// ledger is the path of the audit.
const ledger = "ledger"

// message is a call of a transaction.
type message struct {
	path, id string
	account
}

// account is an item and a number of units.
type account struct {
	Name   string `json:"name"`
	Amount int64  `json:"amount"`
}

func (a account) String() string { return fmt.Sprintf("%d %s", a.Amount, a.Name) }

// String is the message in a drawing.
func (m message) String() string {
	if m.account == (account{}) {
		return fmt.Sprintf("/%s %s", m.path, m.id)
	}
	return fmt.Sprintf("/%s %s: %s", m.path, m.id, m.account)
}

// The answers of stock, as the models know them.
const (
	done          = "200"
	outOfStock    = "409 out-of-stock"
	unknownItem   = "422 unknown-item"
	keyReused     = "422 key-reused"
	missingKey    = "400 missing-idempotency-key"
	unprocessable = "422 unprocessable"
	unknown       = "unknown" // a 5xx that the model does not expect, or no answer at all
)

// state is what a right participant knows.
type state struct {
	left     map[string]int64
	branches map[string]branch // the key is the ID
}

// branch is what became of the participant's part in a transaction.
type branch struct {
	account
	state string
}

// with returns the state in which a branch has come to be so, and has added that many
// units to what is left.
func (s state) with(id string, b branch, units int64) state {
	s = state{maps.Clone(s.left), maps.Clone(s.branches)}
	if s.branches == nil {
		s.branches = map[string]branch{}
	}
	s.branches[id] = b
	if units != 0 {
		s.left[b.Name] += units
	}
	return s
}

// judge returns the refusal of units that are not there, or done.
func (s state) judge(a account) string {
	switch left, sold := s.left[a.Name]; {
	case !sold:
		return unknownItem
	case left < a.Amount:
		return outOfStock
	}
	return done
}

// says is what GET /ledger says in a state, in words that can be compared.
func (p *protocol) says(s state) string {
	var b books
	for name, amount := range s.left {
		b.Accounts = append(b.Accounts, balance{account: account{name, amount}})
	}
	for id, one := range s.branches {
		words := p.listed[one.state]
		if words == "" {
			continue
		}
		b.Branches = append(b.Branches, entry{ID: id, State: words, account: one.account})
		for i := range b.Accounts {
			if words == reserved && b.Accounts[i].Name == one.Name {
				b.Accounts[i].Reserved += one.Amount
			}
		}
	}
	return b.String()
}

// reserved is the word for a branch whose units are not left and not gone.
const reserved = "reserved"

// books is a ledger, in each of the protocols.
type books struct {
	Accounts     []balance `json:"accounts"`
	Steps        []entry   `json:"steps"`        // saga
	Branches     []entry   `json:"branches"`     // two-phase commit
	Reservations []entry   `json:"reservations"` // TCC
}

// balance is what is left of an item.
type balance struct {
	account
	Available int64 `json:"available"` // units, where there is no amount
	Reserved  int64 `json:"reserved"`
}

// entry is a branch in a ledger.
type entry struct {
	Saga  string `json:"saga"` // the ID, in a saga
	ID    string `json:"id"`
	State string `json:"state"`
	account
}

// String is the ledger in words that can be compared.
func (b books) String() string {
	var left, list []string
	for _, a := range b.Accounts {
		text := fmt.Sprintf("%s: %d", a.Name, a.Amount+a.Available)
		if a.Reserved != 0 {
			text += fmt.Sprintf(" and %d reserved", a.Reserved)
		}
		left = append(left, text)
	}
	for _, e := range slices.Concat(b.Steps, b.Branches, b.Reservations) {
		id, words := cmp.Or(e.Saga, e.ID), cmp.Or(e.State, took)
		list = append(list, fmt.Sprintf("%s %s %s", id, words, e.account))
	}
	slices.Sort(left)
	slices.Sort(list)
	return strings.Join(append([]string{strings.Join(left, ", ")}, list...), "; ")
}

// model is what the laboratory knows of the participant: in which states a right one can
// be. A message without an answer may have come or not, and messages at once may have come
// in either order. When no state is left, the participant is wrong.
type model struct {
	*protocol
	states  []state
	late    []message // sent, given up, and perhaps still under way
	decided []message // decisions that the participant may hear of when it inquires
}

// move replaces each state by those that can follow it. If there is none, it returns
// false and changes nothing.
func (m *model) move(follow func(state) []state) bool {
	next := map[string]state{}
	var add func(s state)
	add = func(s state) {
		key := fmt.Sprint(s)
		if _, known := next[key]; known {
			return
		}
		next[key] = s
		for _, late := range slices.Concat(m.late, m.decided) {
			came, _ := m.apply(s, late)
			add(came)
		}
	}
	for _, s := range m.states {
		for _, s := range follow(s) {
			add(s)
		}
	}
	if len(next) == 0 {
		return false
	}
	m.states = slices.Collect(maps.Values(next))
	return true
}

// answered takes note of messages that were under way at once, and of their answers.
func (m *model) answered(list []message, answers []string) bool {
	return m.move(func(s state) []state { return m.after(s, list, answers) })
}

// after returns the states in which the messages, in any order, leave a participant that
// gives these answers.
func (p *protocol) after(s state, list []message, answers []string) (states []state) {
	if len(list) == 0 {
		return []state{s}
	}
	for i, m := range list {
		next, answer := p.apply(s, m)
		rest := slices.Delete(slices.Clone(list), i, i+1)
		others := slices.Delete(slices.Clone(answers), i, i+1)
		silent := answers[i] == unknown || strings.HasPrefix(answers[i], "5")
		if answer == answers[i] || silent {
			states = append(states, p.after(next, rest, others)...)
		}
		if silent { // it has not come
			states = append(states, p.after(s, rest, others)...)
		}
	}
	return states
}

// expects tells whether a right participant may give this answer.
func (m *model) expects(one message, said string) bool {
	return slices.ContainsFunc(m.states, func(s state) bool {
		_, answer := m.apply(s, one)
		return answer == said
	})
}

// audited takes note of what the ledger says.
func (m *model) audited(said string) bool {
	return m.move(func(s state) []state {
		if m.says(s) != said {
			return nil
		}
		return []state{s}
	})
}

// right lists what a right participant can say, e.g. its ledger.
func (m *model) right(say func(state) string) string {
	said := map[string]bool{}
	for _, s := range m.states {
		said[say(s)] = true
	}
	return strings.Join(slices.Sorted(maps.Keys(said)), ", or ")
}
