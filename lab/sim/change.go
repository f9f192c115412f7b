package sim

import (
	"context"
	"slices"
	"time"

	"example.com/dtx/lab"
	"example.com/dtx/lab/customer"
)

// changePause is how long a change of the world waits for a service that is dead, or
// is writing.
const changePause = 10 * time.Millisecond

// ask is what a client does to place an order.
func (w *world) ask(ctx context.Context, o lab.Order, tries int) []lab.Answer {
	return customer.Place(ctx, w.client(o), w.variant.Services[0].Name, o, tries)
}

// change makes a change of the world.
func (w *world) change(ctx context.Context, change lab.Change) error {
	for !w.tryChange(ctx, change) {
		select {
		case <-time.After(changePause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// tryChange makes a change if the service's database can be written now.
func (w *world) tryChange(ctx context.Context, change lab.Change) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.processes[change.Service]
	if p.dead || p.failing() {
		return false
	}
	changed, err := change.Make(ctx, p.file, p.service.Queries)
	if err != nil {
		return false
	}
	p.forced()
	w.changed = append(w.changed, changed...)
	w.director.Record(change.Record())
	return true
}

// before is the ledger at the beginning, with what has changed in the world since.
func (w *world) before(l lab.Ledger) lab.Ledger {
	l.Balances = slices.Concat(l.Balances, w.changed)
	return l
}
