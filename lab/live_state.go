package lab

import (
	"context"
	"reflect"
	"time"

	"example.com/dtx/lab/live"
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

// glance is what there is to see of a cluster without its databases.
type glance struct {
	changed <-chan struct{} // closed when it is out of date
	seq     int
	down    []string
	files   bool // whether all are as a reader may find them
	active  bool // whether anything is at work
	waiting bool // what is stuck waits for a link that is cut
	rested  bool // Settle has found the cluster at rest
}

func (r *liveRun) glance() glance {
	c := r.cluster
	c.mu.Lock()
	defer c.mu.Unlock()
	g := glance{
		changed: c.changed, seq: c.director.Recorded(), down: c.down(),
		files: true, rested: r.rested == c.changed,
	}
	for _, p := range c.processes {
		g.files = g.files && (!p.dead || p.buried)
	}
	g.active = r.asking > 0 || len(g.down) > 0 || !c.resting()
	for _, h := range c.held {
		g.active = g.active || !h.done
	}
	_, _, g.waiting = c.director.Apart(time.Now())
	return g
}

// look reads the ledgers and says the state, if it has changed. It returns what
// will be closed when it is out of date, and if it is to look again even before,
// after which time.
func (r *liveRun) look() (again time.Duration, changed <-chan struct{}) {
	r.looking.Lock()
	defer r.looking.Unlock()
	g := r.glance()
	if g.changed != r.seen {
		r.seen, r.since = g.changed, time.Now()
	}
	if !g.files {
		return 0, g.changed
	}
	parts, err := r.cluster.ledgers(r.ctx)
	if err != nil {
		return stateEvery, g.changed
	}
	s := r.describe(g, parts)
	if len(s.Wrong) > 0 {
		s.Meter, again = r.meter(g, len(s.Stuck) > 0)
	}
	if s.Seq = r.state.Seq; !reflect.DeepEqual(s, r.state) {
		s.Seq = g.seq
		r.state = s
		r.say(live.Line{State: &s})
	}
	return again, g.changed
}

// meter reads whether what is wrong is broken: nothing is at work, and if
// something is stuck, nothing has moved for as long as Settle has patience. If
// only time is missing, again says how much.
func (r *liveRun) meter(g glance, stuck bool) (m live.Meter, again time.Duration) {
	if again = patience - time.Since(r.since); g.rested || !stuck {
		again = 0
	}
	switch {
	case g.active, stuck && g.waiting, r.glance().changed != g.changed:
		return live.Between, 0
	case again > 0:
		return live.Between, again
	}
	return live.Broken, 0
}

// describe says what the databases say.
func (r *liveRun) describe(g glance, parts []Ledger) live.State {
	s := live.State{
		Accounts: []live.Account{}, Effects: []live.Effect{}, Stuck: []string{},
		Down: g.down, Meter: live.Whole,
	}
	s.Wrong, s.Plain = r.findings(parts)
	for i, part := range parts {
		service := r.cluster.variant.Services[i].Name
		for _, b := range part.Balances {
			s.Accounts = append(s.Accounts, live.Account{
				Service: service, Kind: b.Kind, Name: b.Account,
				Before: r.cluster.before.balance(b), Amount: b.Amount,
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
func (r *liveRun) findings(parts []Ledger) (list []string, plain string) {
	var after Ledger
	for _, part := range parts {
		after.add(part)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	list = []string{}
	for _, f := range Judge(r.cluster.before, after, r.orders, r.chapter.Effects, r.told) {
		list = append(list, f.Invariant+": "+f.String())
	}
	return list, Plainly(r.cluster.before, after, r.orders)
}

// ledgers reads the ledgers, in the order of the services.
func (c *Cluster) ledgers(ctx context.Context) (parts []Ledger, err error) {
	c.files.RLock()
	defer c.files.RUnlock()
	for _, s := range c.variant.Services {
		part, err := s.ledger(ctx, Files(c.file))
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	return parts, nil
}

// balance returns the amount of the same account.
func (l Ledger) balance(of Balance) int64 {
	for _, b := range l.Balances {
		if b.Kind == of.Kind && b.Account == of.Account {
			return b.Amount
		}
	}
	return 0
}
