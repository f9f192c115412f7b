package places

import (
	"context"
	"sync"
)

// Run is the work on one order. There is one for each id.
type Run[T any] struct {
	ID string

	places *Places[T]
	ctx    context.Context // the first caller's
	told   chan struct{}   // closed when the outcome is known, or the run has ended
	once   sync.Once       // closes told
	handed bool
	placed bool // whether it holds a place
	now    T    // what can be told; the places' lock guards it
}

type idKey struct{}

// ID returns the id of the run that a context is for, or "".
func ID(ctx context.Context) string {
	id, _ := ctx.Value(idKey{}).(string)
	return id
}

// Hand has the run carried out by Places.Run, which ends it.
func (r *Run[T]) Hand() {
	r.handed = true
	r.places.handed <- r
}

// Drop ends a run that was not handed over. It is deferred: a panic keeps no place.
func (r *Run[T]) Drop() {
	if !r.handed {
		r.end()
	}
}

// end gives the place back and lets all who wait go.
func (r *Run[T]) end() {
	r.places.mu.Lock()
	defer r.places.mu.Unlock()
	delete(r.places.runs, r.ID)
	if r.placed {
		r.places.leave()
	}
	r.once.Do(func() { close(r.told) })
}

// Set notes what can be told of the order now.
func (r *Run[T]) Set(now T) {
	r.places.mu.Lock()
	defer r.places.mu.Unlock()
	r.now = now
}

// Now returns what was noted last.
func (r *Run[T]) Now() T {
	r.places.mu.Lock()
	defer r.places.mu.Unlock()
	return r.now
}

// Decide notes the outcome. All who wait hear of it, though the run may go on.
func (r *Run[T]) Decide(outcome T) {
	r.Set(outcome)
	r.once.Do(func() { close(r.told) })
}

// Wait returns what can be told when the outcome is known, or when the run,
// Places.Run or ctx has ended before.
func (r *Run[T]) Wait(ctx context.Context) T {
	select {
	case <-r.told:
	case <-r.places.over:
	case <-ctx.Done():
	}
	return r.Now()
}

// Pause waits before a call is made once more; try is the number of those without
// an answer. From the second on the run is without a place while it waits: what
// does not answer must not keep places from what would. A run without a place may
// only end. An error means that ctx has ended.
func (r *Run[T]) Pause(ctx context.Context, try int) error {
	if try < 2 {
		return Pause(ctx, r.ID, try)
	}
	r.placed = false
	r.places.mu.Lock()
	r.places.leave()
	r.places.mu.Unlock()
	if err := Pause(ctx, r.ID, try); err != nil {
		return err
	}
	err := r.places.take(ctx, Old)
	r.placed = err == nil
	return err
}
