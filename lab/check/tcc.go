package main

// The paths of stock in TCC.
const (
	try     = "try"
	confirm = "confirm"
	cancel  = "cancel"
)

// confirmed is the state of a reservation whose units are gone. Before, it is reserved.
const confirmed = "confirmed"

const cancelled = "409 cancelled" // also without a try

// tcc is the protocol of chapter 6.
func tcc() *protocol {
	return &protocol{
		name: "tcc", chapter: "ch06-tcc",
		opening: map[string]int64{"salt": 100, "tea": 10, "truffle": 1},
		listed:  map[string]string{reserved: reserved, confirmed: confirmed},
		stories: tccStories(), races: tccRaces(),
		other: []message{
			{try, "order-3", account{"salt", 1}}, {path: confirm, id: "order-3"},
		},
		apply: tccModel,
		body:  tccBody,
	}
}

func tccBody(m message) any {
	if m.path == try {
		return m.account
	}
	return struct{}{}
}

// tccModel is the right participant.
func tccModel(s state, m message) (state, string) {
	before, known := s.branches[m.id]
	switch {
	case m.id == "":
		return s, missingKey
	case m.path == try:
		return s.try(m)
	case m.path == confirm && before.state == reserved:
		return s.with(m.id, branch{before.account, confirmed}, 0), done
	case m.path == confirm && before.state == confirmed,
		m.path == cancel && before.state == cancelled:
		return s, done
	case m.path == confirm, before.state == confirmed:
		return s, notFound
	case !known:
		return s.with(m.id, branch{state: cancelled}, 0), done
	}
	return s.with(m.id, branch{before.account, cancelled}, before.Amount), done
}

// try reserves. A refusal leaves nothing.
func (s state) try(m message) (state, string) {
	before, known := s.branches[m.id]
	switch {
	case m.Amount < 1:
		return s, unprocessable
	case before.state == cancelled:
		return s, cancelled
	case known && before.account != m.account:
		return s, keyReused
	case known:
		return s, done
	case m.Amount > mostUnits:
		return s, unprocessable
	case s.judge(m.account) != done:
		return s, s.judge(m.account)
	}
	return s.with(m.id, branch{m.account, reserved}, -m.Amount), done
}

func tccStories() []story {
	wants := func(id, item string, units int64) message {
		return message{try, id, account{item, units}}
	}
	const id, next = "order-1", "order-2"
	yes, no := message{path: confirm, id: id}, message{path: cancel, id: id}
	tea, two := wants(id, "tea", 2), wants(id, "truffle", 2)
	last, second := wants(id, "truffle", 1), wants(next, "truffle", 1)
	return []story{
		{"confirmed", []message{tea, yes}, true, true},
		{"cancelled", []message{tea, no}, true, true},
		{"refused", []message{two}, true, true},
		{"unknown item", []message{wants(id, "shovel", 1)}, false, false},
		{"the cancel of an unknown transaction, then its try", []message{no, tea}, true, true},
		{"refused, cancelled, late", []message{two, no, two}, false, false},
		{"a confirm needs a try", []message{yes, tea, yes}, false, false},
		{"a confirm after the cancel", []message{tea, no, yes}, false, false},
		{"a confirm after an empty cancel", []message{no, yes}, false, false},
		{"a cancel after the confirm", []message{tea, yes, no}, true, false},
		{"reserved, then units come back", []message{last, second, no, second}, true, true},
		{"ids that are prefixes", []message{tea, wants("order-10", "tea", 2), no}, false, false},
		{"the same id with another body", []message{tea, wants(id, "tea", 3), yes,
			wants(id, "salt", 2)}, false, false},
		{"what the contract forbids", []message{wants("", "tea", 2), {path: confirm},
			{path: cancel}, wants(id, "tea", 0), wants(id, "tea", mostUnits+1), tea}, false, false},
	}
}

// tccRaces are messages that overtake each other.
func tccRaces() []run {
	const id, next = "order-1", "order-2"
	tea, last := message{try, id, account{"tea", 2}}, message{try, id, account{"truffle", 1}}
	no, other := message{path: cancel, id: id}, message{try, next, account{"truffle", 1}}
	return []run{
		{"the last unit: two transactions at once", []action{send(last, other)}},
		{"a try and its cancel at once", []action{send(tea, no), send(tea)}},
		{"given up: the cancel overtakes the try", []action{
			{how: unheard, messages: []message{tea}}, send(no), send(tea)}},
		{"given up: the try is lost", []action{{how: lost, messages: []message{tea}}, send(no)}},
	}
}
