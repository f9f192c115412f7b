package main

// The paths of stock in a saga.
const (
	take     = "take"
	giveBack = "give-back"
)

// took is the word for a step in the ledger, which lists no others.
const took = "took"

const compensated = "409 compensated"

// saga is the protocol of chapter 4.
func saga() *protocol {
	return &protocol{
		name: "saga", chapter: "ch04-saga",
		opening: map[string]int64{"salt": 100, "tea": 10, "truffle": 1},
		listed:  map[string]string{done: took},
		stories: sagaStories(), races: sagaRaces(),
		other: []message{{take, "order-3", account{"salt", 1}}},
		apply: sagaModel,
		body:  func(m message) any { return m.account },
	}
}

// sagaModel is the right participant. A branch's state is what the next call of the step
// is answered.
func sagaModel(s state, m message) (state, string) {
	before, known := s.branches[m.id]
	switch {
	case m.id == "":
		return s, missingKey
	case m.Amount < 1:
		return s, unprocessable
	case known && before.account != m.account:
		return s, keyReused
	case m.path == giveBack && known && before.state == done:
		return s.with(m.id, branch{m.account, compensated}, m.Amount), done
	case m.path == giveBack && known:
		return s, done
	case m.path == giveBack:
		return s.with(m.id, branch{m.account, compensated}, 0), done
	case known:
		return s, before.state
	}
	answer := s.judge(m.account)
	units := m.Amount
	if answer != done {
		units = 0
	}
	return s.with(m.id, branch{m.account, answer}, -units), answer
}

func sagaStories() []story {
	on := func(path, id, item string, units int64) message {
		return message{path, id, account{item, units}}
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

// sagaRaces are messages that overtake each other.
func sagaRaces() []run {
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
