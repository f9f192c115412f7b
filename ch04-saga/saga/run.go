package saga

import (
	"context"
	"sync"
)

// run is a saga under way: at most one for each id.
type run struct {
	id      string
	ctx     context.Context // carries the values of the request that asked for it, and not its end
	decided chan struct{}   // closed when the outcome is known
	ended   chan struct{}   // closed when the run is over

	mu      sync.Mutex
	begun   bool // this run has recorded the saga: nobody has called anything before
	saga    Saga
	reached int // the step that is being carried out, or undone
}

// claim returns the run of an id, and whether it is the caller's, who then has
// to drop it.
func (e *Engine) claim(ctx context.Context, id string) (r *run, mine bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if r := e.runs[id]; r != nil {
		return r, false
	}
	r = &run{id: id, ctx: context.WithoutCancel(ctx), decided: make(chan struct{}), ended: make(chan struct{}), saga: Saga{ID: id}}
	e.runs[id] = r
	return r, true
}

// drop ends a run and gives its place free.
func (e *Engine) drop(r *run) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.runs, r.id)
	close(r.ended)
	<-e.places
}

// hand has a run driven by Run.
func (e *Engine) hand(r *run) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.handed = append(e.handed, r)
	select {
	case e.wake <- struct{}{}:
	default: // it is awake
	}
}

func (e *Engine) takeAll() []*run {
	e.mu.Lock()
	defer e.mu.Unlock()
	list := e.handed
	e.handed = nil
	return list
}

// wait returns the saga of a run when its outcome is known, or how far it is when
// ctx, the run, or Run ends before.
func (e *Engine) wait(ctx context.Context, r *run) Saga {
	select {
	case <-r.decided:
	case <-r.ended:
	case <-e.over:
	case <-ctx.Done():
	}
	return r.now()
}

// now is what may be told of the saga.
func (r *run) now() Saga {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.saga
}

func (r *run) set(s Saga) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.saga = s
}

// decide makes the outcome known. It is called at the pivot, and at the end.
func (r *run) decide(s Saga) {
	r.set(s)
	select {
	case <-r.decided:
	default:
		close(r.decided)
	}
}

// at tells which step is reached, if anybody is at it, and whether the run has
// begun the saga.
func (r *run) at() (step int, known, begun bool) {
	if r == nil {
		return 0, false, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reached, true, r.begun
}

func (r *run) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun = true
}

func (r *run) reach(step int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reached = step
}
