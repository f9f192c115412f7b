package serve

import (
	"reflect"
	"time"

	"example.com/dtx/lab"
	"example.com/dtx/lab/live"
	"example.com/dtx/lab/real"
)

// stateEvery is how often the state can be said at most, and how soon ledgers
// that could not be read are read again.
const stateEvery = 100 * time.Millisecond

// sayStates says what the databases say when it has changed, until the run ends.
func (r *liveRun) sayStates() {
	for {
		again, changed := r.look()
		select {
		case <-time.After(stateEvery):
		case <-r.ctx.Done():
			return
		}
		var timeout <-chan time.Time
		if again > 0 {
			timeout = time.After(again)
		}
		select {
		case <-changed:
		case <-timeout:
		case <-r.ctx.Done():
			return
		}
	}
}

// look reads the ledgers and says the state, if it has changed. It returns what
// will be closed when it is out of date, and if it is to look again even before,
// after which time.
func (r *liveRun) look() (again time.Duration, changed <-chan struct{}) {
	r.looking.Lock()
	defer r.looking.Unlock()
	g := r.cluster.Look()
	if g.Changed != r.seen {
		r.seen, r.since = g.Changed, time.Now()
	}
	if !g.Files {
		return 0, g.Changed
	}
	parts, err := r.cluster.Ledgers(r.ctx)
	if err != nil {
		return stateEvery, g.Changed
	}
	s := r.describe(g, parts)
	if len(s.Wrong) > 0 {
		s.Meter, again = r.meter(g, len(s.Stuck) > 0)
	}
	if s.Seq = r.state.Seq; !reflect.DeepEqual(s, r.state) {
		s.Seq = g.Recorded
		r.state = s
		r.say(live.Line{State: &s})
	}
	return again, g.Changed
}

// meter reads whether what is wrong is broken: nothing is at work, and if
// something is stuck, nothing has moved for as long as Settle has patience. If
// only time is missing, again says how much.
func (r *liveRun) meter(g real.Look, stuck bool) (m live.Meter, again time.Duration) {
	r.mu.Lock()
	rested := g.Changed == r.rested // nothing has moved since
	r.mu.Unlock()
	if again = real.RestPatience - time.Since(r.since); rested || !stuck {
		again = 0
	}
	switch {
	case g.Active, stuck && g.Cut, r.cluster.Look().Changed != g.Changed:
		return live.Between, 0
	case again > 0:
		return live.Between, again
	}
	return live.Broken, 0
}

// describe says what the databases say.
func (r *liveRun) describe(g real.Look, parts []lab.Ledger) live.State {
	s := live.State{
		Accounts: []live.Account{}, Effects: []live.Effect{}, Stuck: []string{},
		Down: g.Down, Meter: live.Whole,
	}
	s.Wrong, s.Plain = r.findings(parts)
	for i, part := range parts {
		service := r.variant.Services[i].Name
		for _, b := range part.Balances {
			s.Accounts = append(s.Accounts, live.Account{
				Service: service, Kind: b.Kind, Name: b.Account,
				Before: r.cluster.Before().Amount(b), Amount: b.Amount,
			})
		}
		for _, e := range part.Effects {
			s.Effects = append(s.Effects, live.Effect{
				Service: service, Kind: e.Kind, Order: e.Order,
				Account: e.Account, Amount: e.Amount,
			})
		}
		s.Stuck = append(s.Stuck, part.Stuck...)
	}
	return s
}

// findings is what is wrong, as far as it is known now, and what was done.
func (r *liveRun) findings(parts []lab.Ledger) (list []string, plain string) {
	var after lab.Ledger
	for _, part := range parts {
		after.Add(part)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	list = []string{}
	for _, f := range lab.Judge(r.cluster.Before(), after, r.orders, r.chapter.Effects, r.told) {
		list = append(list, f.Invariant+": "+f.String())
	}
	return list, Plainly(r.cluster.Before(), after, r.orders)
}
