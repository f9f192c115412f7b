package choreography

import (
	"slices"
	"sync"

	"example.com/dtx/internal/httpapi"
)

// maxWaiting bounds the customers who wait for an answer at the same time.
const maxWaiting = 256

// waiting are the customers who wait for an order to be decided.
type waiting struct {
	mu     sync.Mutex
	orders map[string][]chan struct{}
	n      int
}

func newWaiting() *waiting { return &waiting{orders: map[string][]chan struct{}{}} }

// enter returns a channel that is closed when something was decided about the
// order, and what its caller must call in the end.
func (w *waiting) enter(id string) (decided <-chan struct{}, leave func(), err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.n == maxWaiting {
		return nil, nil, httpapi.Unavailable.With("%d orders are under way", maxWaiting)
	}
	w.n++
	c := make(chan struct{})
	w.orders[id] = append(w.orders[id], c)
	return c, func() { w.leave(id, c) }, nil
}

func (w *waiting) leave(id string, c chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.n--
	others := slices.DeleteFunc(w.orders[id], func(other chan struct{}) bool { return other == c })
	if w.orders[id] = others; len(others) == 0 {
		delete(w.orders, id)
	}
}

// wake tells all who wait for an order.
func (w *waiting) wake(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.orders[id] {
		close(c)
	}
	delete(w.orders, id)
}
