// Package twopc is two-phase commit with presumed abort: its coordinator.
//
// First every participant is asked to prepare: to make sure, on its disk, that
// it can commit and that it can abort. If all have said yes, the coordinator
// forces one record, the decision, and tells them until each has acknowledged.
// In every other case the transaction is aborted, and no record says so: what
// the coordinator does not know is aborted.
//
// Jim Gray, Notes on Data Base Operating Systems, 1978; C. Mohan, B. Lindsay,
// R. Obermarck, Transaction Management in the R* Distributed Database
// Management System, 1986, which presumes abort.
package twopc

import (
	"context"
	"net/http"
	"sync"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the coordinator's tables. The decision is unique by order; of
// the unfinished ones an index is kept, so that a start reads no others.
const Schema = `
CREATE TABLE boots (number INTEGER NOT NULL) STRICT;
INSERT INTO boots VALUES (0);
CREATE TABLE decisions (order_id TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, waiting TEXT NOT NULL) STRICT;
CREATE INDEX unfinished ON decisions (order_id) WHERE waiting <> '';
`

const (
	callTimeout = time.Second     // for one answer of a participant
	patience    = 4 * time.Second // for an order; the attempt under way is not cut short
	maxUnderWay = 256             // orders that are being voted on, or not acknowledged by all
)

// Branch is a participant's part in a transaction.
type Branch struct {
	Participant string // its host
	Prepare     any    // what it is to prepare, as JSON
}

// Coordinator runs transactions. It does nothing before Run.
type Coordinator struct {
	db     *sqlite.DB
	client *http.Client
	ready  chan struct{}   // closed when Run knows what the last process left
	life   context.Context // Run's; set when it is ready
	work   sync.WaitGroup  // what Run waits for
	places chan struct{}   // full when maxUnderWay orders are

	mu     sync.Mutex      // guards what follows; it is never held while waiting
	orders map[string]bool // that are in hand
	voting map[string]bool // transactions that are not decided
	ended  bool
	boot   int64 // starts of this coordinator
	issued int64 // transactions since then
}

// New returns a coordinator that keeps its decisions in db. The client finds
// the participants under their names.
func New(db *sqlite.DB, client *http.Client) *Coordinator {
	return &Coordinator{
		db: db, client: client, ready: make(chan struct{}), places: make(chan struct{}, maxUnderWay),
		orders: map[string]bool{}, voting: map[string]bool{},
	}
}

// Enter takes an order in hand, which one caller at a time can. The context
// that it returns outlives the caller, who may hang up, and ends with Run.
func (c *Coordinator) Enter(ctx context.Context, order string) (context.Context, func(), error) {
	select {
	case <-c.ready:
	case <-time.After(patience):
		return nil, nil, httpapi.Unavailable.With("still starting")
	case <-ctx.Done():
		return nil, nil, httpapi.Unavailable.With("nobody waits any more")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.ended:
		return nil, nil, httpapi.Unavailable.With("about to end")
	case c.orders[order]:
		return nil, nil, httpapi.InFlight.With("%s is in hand", order)
	}
	c.orders[order] = true
	c.work.Add(1)
	ctx, cancel := c.outlive(ctx)
	return ctx, func() { cancel(); c.leave(order) }, nil
}

func (c *Coordinator) leave(order string) {
	c.mu.Lock()
	delete(c.orders, order)
	c.mu.Unlock()
	c.work.Done()
}

// outlive returns a context with the values of ctx and the life of Run.
func (c *Coordinator) outlive(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(c.life, cancel)
	return ctx, func() { stop(); cancel() }
}
