package main

import (
	"slices"
	"strings"
)

// The paths of stock in two-phase commit.
const (
	prepare = "prepare"
	commit  = "commit"
	abort   = "abort"
)

// The states of a branch.
const (
	prepared  = "prepared" // and its account is locked
	committed = "committed"
	aborted   = "aborted" // also without a prepare
)

// Answers of stock in two-phase commit.
const (
	malformed   = "400 malformed" // the ID is no transaction's
	notFound    = "404 not-found" // it is not prepared
	locked      = "423 locked"
	unavailable = "503 unavailable" // it is aborted, and will not be prepared
)

// mostUnits are the most that one transaction may take.
const mostUnits = 100

// twopc is the protocol of chapter 5.
func twopc() *protocol {
	return &protocol{
		name: "2pc", chapter: "ch05-2pc",
		opening: map[string]int64{"leaflet": 100, "salt": 100, "tea": 10, "truffle": 1},
		listed:  map[string]string{prepared: prepared, committed: committed},
		stories: twopcStories(), races: twopcRaces(),
		other: []message{
			{prepare, "order-3.1.3", account{"salt", 1}}, {path: commit, id: "order-3.1.3"},
		},
		apply:   twopcModel,
		body:    twopcBody,
		decides: func(m message) bool { return m.path != prepare && isTransaction(m.id) },
		cut:     abortsForgotten,
	}
}

// order returns the order of a transaction ORDER.EPOCH.ATTEMPT.
func order(id string) string {
	order, _, _ := strings.Cut(id, ".")
	return order
}

func isTransaction(id string) bool { return strings.Count(id, ".") == 2 }

func twopcBody(m message) any {
	if m.path != prepare {
		return struct{}{}
	}
	return struct {
		Order string `json:"order"`
		account
	}{order(m.id), m.account}
}

// twopcModel is the right participant.
func twopcModel(s state, m message) (state, string) {
	before := s.branches[m.id]
	switch {
	case m.id == "":
		return s, missingKey
	case !isTransaction(m.id):
		return s, malformed
	case m.path == prepare:
		return s.prepare(m)
	case m.path == commit && before.state == prepared:
		return s.with(m.id, branch{before.account, committed}, -before.Amount), done
	case m.path == commit && before.state == committed, m.path == abort && before.state == aborted:
		return s, done
	case m.path == commit, before.state == committed:
		return s, notFound
	}
	return s.with(m.id, branch{before.account, aborted}, 0), done
}

// abortsForgotten returns the states in which aborts are lost: they need not be forced. A
// branch is then prepared, as it was before, or unknown.
func abortsForgotten(s state) []state {
	list := []state{s}
	for id, b := range s.branches {
		if b.state != aborted {
			continue
		}
		for _, s := range slices.Clone(list) {
			s = s.with(id, branch{b.account, prepared}, 0)
			if b.account == (account{}) {
				delete(s.branches, id)
			}
			list = append(list, s)
		}
	}
	return list
}

// prepare is the vote. A refusal leaves nothing, and so does a vote on no units.
func (s state) prepare(m message) (state, string) {
	before, known := s.branches[m.id]
	switch {
	case m.Amount < 0:
		return s, unprocessable
	case before.state == aborted:
		return s, unavailable
	case known && before.account != m.account:
		return s, keyReused
	case known:
		return s, done
	case s.locks(m.Name):
		return s, locked
	case s.judge(account{m.Name, 0}) == unknownItem:
		return s, unknownItem
	case m.Amount > mostUnits:
		return s, unprocessable
	case m.Amount == 0 || s.judge(m.account) != done:
		return s, s.judge(m.account)
	}
	return s.with(m.id, branch{m.account, prepared}, 0), done
}

// locks tells whether a branch that is prepared holds the account.
func (s state) locks(name string) bool {
	for _, b := range s.branches {
		if b.state == prepared && b.Name == name {
			return true
		}
	}
	return false
}

func twopcStories() []story {
	wants := func(id, item string, units int64) message {
		return message{prepare, id, account{item, units}}
	}
	const id, next = "order-1.1.1", "order-2.1.2"
	tea, yes, no := wants(id, "tea", 2), message{path: commit, id: id}, message{path: abort, id: id}
	two, after := wants(id, "truffle", 2), wants(next, "tea", 1)
	return []story{
		{"committed", []message{tea, yes}, true, true},
		{"aborted", []message{tea, no}, true, true},
		{"refused", []message{two}, true, true},
		{"unknown item", []message{wants(id, "shovel", 1)}, false, false},
		{"nothing is taken", []message{wants(id, "tea", 0), yes}, false, false},
		{"the abort of an unknown transaction, then its prepare", []message{no, tea}, true, true},
		{"refused, aborted, late", []message{two, no, two}, false, false},
		{"a commit needs a prepare", []message{yes, tea, yes}, false, false},
		{"a commit after the abort", []message{tea, no, yes}, false, false},
		{"an abort after the commit", []message{tea, yes, no}, false, false},
		{"locked until the commit", []message{tea, after, yes, after}, false, true},
		{"locked until the abort", []message{tea, after, no, after}, false, false},
		{"ids that are prefixes", []message{tea, wants("order-1.1.10", "salt", 2), yes},
			false, false},
		{"the same id with another body", []message{tea, wants(id, "tea", 3), yes,
			wants(id, "salt", 2)}, false, false},
		{"what the contract forbids", []message{wants("", "tea", 2), {path: commit}, {path: abort},
			wants("order-1", "tea", 2), {path: commit, id: "order-1"}, {path: abort, id: "order-1"},
			wants(id, "tea", -1), wants(id, "tea", mostUnits+1), tea}, false, false},
	}
}

// twopcRaces are messages that overtake each other, and branches in doubt.
func twopcRaces() []run {
	const id, next = "order-1.1.1", "order-2.1.2"
	tea := message{prepare, id, account{"tea", 2}}
	yes, no := message{path: commit, id: id}, message{path: abort, id: id}
	after := message{prepare, next, account{"tea", 1}}
	doubt := func(m message, reply string) action {
		return action{how: inDoubt, messages: []message{m}, reply: reply}
	}
	decides := func(m message) action { return action{how: learnt, messages: []message{m}} }
	return []run{
		{"the same account: two transactions at once", []action{send(tea, after)}},
		{"a prepare and its abort at once", []action{send(tea, no), send(tea)}},
		{"given up: the abort overtakes the prepare", []action{
			{how: unheard, messages: []message{tea}}, send(no), send(tea)}},
		{"given up: the prepare is lost", []action{
			{how: lost, messages: []message{tea}}, send(no)}},
		{"in doubt: the commit is lost", []action{send(tea), decides(yes), send(after)}},
		{"in doubt: the abort is lost", []action{send(tea), decides(no), send(after)}},
		{"in doubt: pending, then committed", []action{
			send(tea), doubt(tea, pending), send(after), decides(yes)}},
		{"in doubt: a coordinator that does not know it, then committed", []action{
			send(tea), doubt(tea, notOurs), decides(yes)}},
		{"in doubt: no answer, then aborted", []action{
			send(tea), doubt(tea, noAnswer), decides(no)}},
		{"in doubt over a restart, then committed", []action{
			{how: killedAfter, messages: []message{tea}}, send(after), doubt(tea, pending),
			decides(yes)}},
	}
}
