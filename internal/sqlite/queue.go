package sqlite

import (
	"context"
	"slices"
	"sync"
)

// queue is the order in which updates get the write connection: first come,
// first served.
type queue struct {
	mu      sync.Mutex
	busy    bool // whether an update has the connection
	waiting []*waiter
}

// waiter is an update that waits for its turn.
type waiter struct {
	alone  bool        // whether it joins no group
	forced bool        // whether it joins no group whose commit is not forced
	turn   chan *group // the group that it joins; nil if it begins one
}

// enter waits for the connection. The group that it returns is one to join; if
// it is nil, there is one to begin. Its error is ctx's.
func (q *queue) enter(ctx context.Context, w *waiter) (*group, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w.turn = make(chan *group, 1)
	q.mu.Lock()
	if !q.busy {
		q.busy = true
		q.mu.Unlock()
		return nil, nil
	}
	q.waiting = append(q.waiting, w)
	q.mu.Unlock()
	select {
	case g := <-w.turn:
		return g, nil
	case <-ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := slices.Index(q.waiting, w); i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
		return nil, ctx.Err()
	}
	return <-w.turn, nil // too late to give up: it has the connection
}

// pass hands an open group to the first update that waits. It returns false if no update
// can join.
func (q *queue) pass(g *group) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 || g.size == maxGroup {
		return false
	}
	if next := q.waiting[0]; next.alone || next.forced && !g.forced {
		return false
	}
	q.next(g)
	return true
}

// leave gives the connection back when the group has ended.
func (q *queue) leave() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.busy = len(q.waiting) > 0
	if q.busy {
		q.next(nil)
	}
}

// next gives the connection to the first update that waits. The caller holds mu.
func (q *queue) next(g *group) {
	q.waiting[0].turn <- g
	q.waiting = slices.Delete(q.waiting, 0, 1)
}
