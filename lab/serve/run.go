package serve

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"example.com/dtx/lab"
	"example.com/dtx/lab/live"
	"example.com/dtx/lab/real"
)

// liveRun is what happens between one Reset and the next.
type liveRun struct {
	chapter lab.Chapter
	variant lab.Variant
	cluster *real.Cluster
	ctx     context.Context // ends when the run has ended
	end     func()
	work    sync.WaitGroup
	send    func(live.Line)
	failed  chan error // why the laboratory cannot go on

	saying  sync.Mutex      // held while something is said
	looking sync.Mutex      // held while the ledgers are read
	state   live.State      // the state that was said last
	said    atomic.Int64    // events; it is written only while saying is held
	seen    <-chan struct{} // the cluster's Changed, when they were read last
	since   time.Time       // the time since which it has been that

	mu     sync.Mutex  // guards what follows
	orders []lab.Order // each once
	told   []lab.Answer
	played []string        // scenarios
	byHand bool            // something was done that no line in a terminal repeats
	rested <-chan struct{} // the cluster's Changed, when Settle found it at rest
}

// begin begins a run on a cluster that has been started.
func (s *stage) begin(ctx context.Context, v lab.Variant, cluster *real.Cluster) *liveRun {
	r := &liveRun{
		chapter: s.chapter, variant: v, cluster: cluster,
		send: func(l live.Line) { s.send(ctx, l) }, failed: make(chan error, 1),
	}
	r.ctx, r.end = context.WithCancel(ctx)
	r.look()
	r.work.Go(r.sayEvents)
	r.work.Go(r.sayStates)
	return r
}

// maxEvents bounds a run. What is retried for ever comes to it in some hours.
const maxEvents = 50000

// sayEvents says what happens, until the run ends.
func (r *liveRun) sayEvents() {
	for {
		full := false
		err := r.cluster.Await(r.ctx, func(l real.Look) bool {
			said := int(r.said.Load())
			full = said > maxEvents
			return l.Recorded > said
		})
		switch {
		case r.ctx.Err() != nil:
			return
		case full:
			err = fmt.Errorf("the run has more than %d events", maxEvents)
		}
		if err != nil {
			r.failed <- err
			return
		}
		r.say(live.Line{})
	}
}

// say says a line, after the events that came before it.
func (r *liveRun) say(l live.Line) {
	r.saying.Lock()
	defer r.saying.Unlock()
	events := r.cluster.Since(int(r.said.Load()))
	r.said.Add(int64(len(events)))
	for i := range events {
		r.send(live.Line{Event: &events[i]})
	}
	if l != (live.Line{}) {
		r.send(l)
	}
}

// reply ends a command.
func (r *liveRun) reply(id int, reply live.Reply, err error) {
	if err != nil {
		reply = live.Reply{Error: err.Error()}
	}
	reply.ID = id
	r.say(live.Line{Reply: &reply})
}
