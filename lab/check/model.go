package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The paths of stock.
const (
	take     = "take"
	giveBack = "give-back"
	ledger   = "ledger"
)

// message is a call of a saga.
type message struct {
	path, saga string
	account
}

// account is an item and a number of units.
type account struct {
	Name   string `json:"name"`
	Amount int64  `json:"amount"`
}

func (a account) String() string { return fmt.Sprintf("%d %s", a.Amount, a.Name) }

// String is the message in a drawing.
func (m message) String() string { return fmt.Sprintf("/%s %s: %s", m.path, m.saga, m.account) }

// The answers of stock, as the model knows them.
const (
	done          = "200"
	compensated   = "409 compensated"
	outOfStock    = "409 out-of-stock"
	unknownItem   = "422 unknown-item"
	keyReused     = "422 key-reused"
	missingKey    = "400 missing-idempotency-key"
	unprocessable = "422 unprocessable"
	unknown       = "unknown" // a 5xx, or no answer at all
)

// state is what a right participant knows.
type state struct {
	left  map[string]int64
	steps map[string]step // the key is the saga
}

// step is what became of a saga's step: what the next call of it is answered.
type step struct {
	account
	answer string
}

// opening is the state at the first start.
func opening() state {
	return state{map[string]int64{"salt": 100, "tea": 10, "truffle": 1}, map[string]step{}}
}

// apply returns the state after a message, and the right answer.
func (s state) apply(m message) (state, string) {
	before, known := s.steps[m.saga]
	switch {
	case m.saga == "":
		return s, missingKey
	case m.Amount < 1:
		return s, unprocessable
	case known && before.account != m.account:
		return s, keyReused
	}
	s = state{maps.Clone(s.left), maps.Clone(s.steps)}
	units, sold := s.left[m.Name]
	switch {
	case m.path == giveBack:
		if known && before.answer == done {
			s.left[m.Name] = units + m.Amount
		}
		if !known || before.answer == done {
			s.steps[m.saga] = step{m.account, compensated}
		}
		return s, done
	case known:
		return s, before.answer
	case !sold:
		s.steps[m.saga] = step{m.account, unknownItem}
	case units < m.Amount:
		s.steps[m.saga] = step{m.account, outOfStock}
	default:
		s.left[m.Name] = units - m.Amount
		s.steps[m.saga] = step{m.account, done}
	}
	return s, s.steps[m.saga].answer
}

// says is what GET /ledger says, in words that can be compared.
func (s state) says() string {
	var list []string
	for saga, step := range s.steps {
		if step.answer == done {
			list = append(list, fmt.Sprintf("%s took %s", saga, step.account))
		}
	}
	return inWords(s.left, list)
}

func inWords(left map[string]int64, steps []string) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(left)) {
		list = append(list, fmt.Sprint(account{name, left[name]}))
	}
	all := []string{strings.Join(list, ", ") + " left"}
	return strings.Join(append(all, slices.Sorted(slices.Values(steps))...), "; ")
}

// model is what the laboratory knows of the participant: in which states a right one can
// be. A message without an answer may have come or not, and messages at once may have come
// in either order. When no state is left, the participant is wrong.
type model struct {
	states []state
	late   []message // sent, given up, and perhaps still under way
}

// move replaces each state by those that can follow it. If there is none, it returns
// false and changes nothing.
func (m *model) move(follow func(state) []state) bool {
	next := map[string]state{}
	add := func(s state) { next[fmt.Sprint(s)] = s }
	for _, s := range m.states {
		for _, s := range follow(s) {
			add(s)
			for _, late := range m.late {
				came, _ := s.apply(late)
				add(came)
			}
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
	return m.move(func(s state) []state { return s.after(list, answers) })
}

// after returns the states in which the messages, in any order, leave a participant that
// gives these answers.
func (s state) after(list []message, answers []string) (states []state) {
	if len(list) == 0 {
		return []state{s}
	}
	for i, m := range list {
		next, answer := s.apply(m)
		rest := slices.Delete(slices.Clone(list), i, i+1)
		others := slices.Delete(slices.Clone(answers), i, i+1)
		if answer == answers[i] || answers[i] == unknown {
			states = append(states, next.after(rest, others)...)
		}
		if answers[i] == unknown { // it has not come
			states = append(states, s.after(rest, others)...)
		}
	}
	return states
}

// audited takes note of what the ledger says.
func (m *model) audited(said string) bool {
	return m.move(func(s state) []state {
		if s.says() != said {
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
