// Package places bounds the work of a service that carries out orders. An order
// that is under way is a [Run]: there is one for each id, and it holds one of a
// bounded number of places while it works.
package places

import (
	"context"
	"slices"
	"sync"
	"time"

	"example.com/dtx/internal/httpapi"
)

// Class says for what a place is asked.
type Class int

const (
	// New is the class of an order that a customer has just placed.
	New Class = iota
	// Old is the class of recovery, and of a run that tries a call once more.
	Old
)

// Places are the places of one service. T is what a run can tell of its order.
type Places[T any] struct {
	patience time.Duration
	handed   chan *Run[T] // holds at most one run a place: a send never waits
	over     chan struct{}

	mu      sync.Mutex
	free    int
	waiting [2][]chan struct{} // one list for each class, the longest wait first
	next    Class              // the class that gets the next free place
	runs    map[string]*Run[T] // keyed by id
}

// Make returns n places. A new order waits for one no longer than patience.
func Make[T any](n int, patience time.Duration) *Places[T] {
	return &Places[T]{
		patience: patience, handed: make(chan *Run[T], n), over: make(chan struct{}),
		free: n, runs: map[string]*Run[T]{},
	}
}

// Find returns the run of an id, or nil.
func (p *Places[T]) Find(id string) *Run[T] {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.runs[id]
}

// Begin waits for a place and returns the run of an id, and whether it is new. The
// caller of a new run calls its Drop; a run that was there keeps its own place.
// The error is httpapi.Unavailable if there is no place in time.
func (p *Places[T]) Begin(ctx context.Context, id string, c Class) (*Run[T], bool, error) {
	if r := p.Find(id); r != nil {
		return r, false, nil
	}
	if err := p.take(ctx, c); err != nil {
		return nil, false, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if r := p.runs[id]; r != nil {
		p.leave()
		return r, false, nil
	}
	r := &Run[T]{ID: id, places: p, ctx: ctx, placed: true, told: make(chan struct{})}
	p.runs[id] = r
	return r, true, nil
}

// Run has carry work on each run that is handed over. It returns when ctx is done
// and all that work has ended. The context that carry gets has the values of the
// one that the run began with.
func (p *Places[T]) Run(ctx context.Context, carry func(context.Context, *Run[T])) {
	defer close(p.over)
	var wg sync.WaitGroup
	defer wg.Wait()
	for ctx.Err() == nil {
		select {
		case r := <-p.handed:
			wg.Go(func() {
				defer r.end()
				carry(context.WithValue(Outlive(r.ctx, ctx), idKey{}, r.ID), r)
			})
		case <-ctx.Done():
		}
	}
}

// take waits for a place: until ctx is done, and if it is for a new order, no
// longer than patience.
func (p *Places[T]) take(ctx context.Context, c Class) error {
	p.mu.Lock()
	if p.free > 0 {
		p.free--
		p.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	p.waiting[c] = append(p.waiting[c], turn)
	p.mu.Unlock()
	if c == New {
		limited, cancel := context.WithTimeout(ctx, p.patience)
		defer cancel()
		ctx = limited
	}
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.waiting[c], turn); i >= 0 {
		p.waiting[c] = slices.Delete(p.waiting[c], i, i+1)
		return httpapi.Unavailable.With("all %d places are taken", cap(p.handed))
	}
	return nil // the place has come at the last moment
}

// leave passes a place on: to both classes in turn while both wait. The caller
// holds the lock.
func (p *Places[T]) leave() {
	c := p.next
	if len(p.waiting[c]) == 0 {
		c = New + Old - c
	}
	if len(p.waiting[c]) == 0 {
		p.free++
		return
	}
	close(p.waiting[c][0])
	p.waiting[c] = p.waiting[c][1:]
	p.next = New + Old - c
}
