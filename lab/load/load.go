package load

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"example.com/dtx/lab"
	"example.com/dtx/lab/customer"
	"example.com/dtx/lab/real"
)

// Load is orders placed by several clients at once, each of whom waits for an
// answer before placing the next order. The services run without the
// laboratory's fault points, in processes of their own on the real disk.
type Load struct {
	Program string            // path of the services' program (source.Build); empty: this one
	Variant lab.Variant       // another program's needs only the names and the queries
	Seed    map[string]string // statements that follow the schema of the service of that name
	Clients int
	Orders  int
	Order   func(i int) lab.Order // the i-th; those after the last are placed first, to warm up
	// Takers is how many of the services, from the first on, take orders in turn; 0: one.
	Takers int
}

// Rate is how a load was carried.
type Rate struct {
	Orders   int
	Elapsed  time.Duration    // the time from the first order to the last answer
	P50, P99 time.Duration    // within which so many percent of the orders were answered
	Rest     time.Duration    // how long the services had work left after the last answer
	Other    map[int]int      // answers other than 201, by status; 0 is no answer
	ForcedBy map[string]int64 // commits forced to the disk for these orders, by service
	// Processor is how long the services used a processor for these orders; 0 if the
	// system does not tell.
	Processor time.Duration
}

// PerSecond is how many orders were answered in a second.
func (r Rate) PerSecond() float64 { return float64(r.Orders) / r.Elapsed.Seconds() }

// Forced is how many commits all services together forced to the disk.
func (r Rate) Forced() (n int64) {
	for _, forced := range r.ForcedBy {
		n += forced
	}
	return n
}

const (
	maxRest   = 30 * time.Second      // what is still stuck then is stuck for ever
	restPause = 10 * time.Millisecond // between two looks whether something is stuck
)

// WarmUp is how many orders each client places before they count.
const WarmUp = 4

// Drive starts the services, places the orders, waits until background work is
// at rest, and ends the services. It returns an error if one of them dies.
func (l Load) Drive(ctx context.Context) (r Rate, err error) {
	if l.Clients < 1 || l.Orders < 1 {
		return r, errors.New("a load needs a client and an order")
	}
	ctx, lost := context.WithCancelCause(ctx)
	defer lost(nil)
	c, err := real.Start(ctx, l.judged(), real.Options{
		Unwatched: true, Program: l.Program, Seed: l.Seed,
	})
	if err != nil {
		return r, err
	}
	defer func() {
		end := c.Close
		if err != nil {
			end = c.Abandon
		}
		if ended := end(); err == nil {
			err = ended
		}
	}()
	go func() { lost(c.Broken(ctx)) }()
	if _, err := l.place(ctx, c, l.Orders, WarmUp*l.Clients); err != nil {
		return r, err
	}
	before, err := c.Used(ctx)
	if err != nil {
		return r, err
	}
	if r, err = l.place(ctx, c, 0, l.Orders); err != nil {
		return r, err
	}
	after, err := c.Used(ctx)
	r.ForcedBy = map[string]int64{}
	for name, used := range after {
		r.ForcedBy[name] = used.Forced - before[name].Forced
		r.Processor += used.Processor - before[name].Processor
	}
	return r, err
}

// judged returns the variant with what a load asks its databases: whether anything is
// still to be done. The rest of a ledger is long after a load.
func (l Load) judged() lab.Variant {
	v := l.Variant
	v.Services = slices.Clone(v.Services)
	for i, s := range v.Services {
		v.Services[i].Queries = lab.Queries{Stuck: s.Queries.Stuck}
	}
	return v
}

// place places orders, beginning with the one of that number, and waits for rest.
func (l Load) place(ctx context.Context, c *real.Cluster, first, count int) (Rate, error) {
	took, status := make([]time.Duration, count), make([]int, count)
	var placed atomic.Int64
	var all sync.WaitGroup
	began := time.Now()
	for range l.Clients {
		all.Go(func() {
			next := func() int { return int(placed.Add(1)) - 1 }
			for i := next(); i < count && ctx.Err() == nil; i = next() {
				sent := time.Now()
				taker := l.Variant.Services[i%max(l.Takers, 1)].Name
				told := customer.Place(ctx, c.Client(), taker, l.Order(first+i), 1)
				took[i], status[i] = time.Since(sent), told[0].Status
			}
		})
	}
	all.Wait()
	answered := time.Now()
	if err := rest(ctx, c); err != nil {
		return Rate{}, err
	}
	slices.Sort(took)
	r := Rate{
		Orders:  count,
		Elapsed: answered.Sub(began),
		Rest:    time.Since(answered),
		P50:     percentile(took, 50),
		P99:     percentile(took, 99),
		Other:   map[int]int{},
	}
	for _, s := range status {
		if s != http.StatusCreated {
			r.Other[s]++
		}
	}
	return r, nil
}

// rest waits until nothing is stuck in the services' databases.
func rest(ctx context.Context, c *real.Cluster) error {
	bound := time.Now().Add(maxRest)
	for {
		left, err := c.Ledger(ctx)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err == nil && len(left.Stuck) == 0:
			return nil
		case time.Now().After(bound) && err != nil:
			return fmt.Errorf("wait for rest: %w", err)
		case time.Now().After(bound):
			const busy = "after %v there are still %d things to do, such as: %s"
			return fmt.Errorf(busy, maxRest, len(left.Stuck), left.Stuck[0])
		}
		select {
		case <-time.After(restPause):
		case <-ctx.Done():
		}
	}
}
