package lab

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Load is orders placed by several clients at once, each of whom waits for an
// answer before placing the next order. The services run without the
// laboratory's fault points, in processes of their own on the real disk.
type Load struct {
	Program string            // the services' program, as Build makes it; empty means this program
	Variant Variant           // another program's needs only the names and the queries
	Seed    map[string]string // statements that follow the schema of the service of that name
	Clients int
	Orders  int
	Order   func(i int) Order // the i-th; those after the last are placed first, to warm up
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
	f, err := l.sail(ctx, lost)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, f.close(err != nil)) }()
	if _, err := l.place(ctx, f, l.Orders, WarmUp*l.Clients); err != nil {
		return r, err
	}
	before, err := f.forced(ctx)
	if err != nil {
		return r, err
	}
	if r, err = l.place(ctx, f, 0, l.Orders); err != nil {
		return r, err
	}
	if r.ForcedBy, err = f.forced(ctx); err != nil {
		return r, err
	}
	for name, n := range before {
		r.ForcedBy[name] -= n
	}
	return r, nil
}

// place places orders, beginning with the one of that number, and waits for rest.
func (l Load) place(ctx context.Context, f *fleet, first, count int) (Rate, error) {
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
				told := Place(ctx, f.client, taker, l.Order(first+i), 1)
				took[i], status[i] = time.Since(sent), told[0].Status
			}
		})
	}
	all.Wait()
	answered := time.Now()
	if err := f.rest(ctx); err != nil {
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
func (f *fleet) rest(ctx context.Context) error {
	bound := time.Now().Add(maxRest)
	for {
		stuck, err := f.stuck(ctx)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err == nil && len(stuck) == 0:
			return nil
		case time.Now().After(bound) && err != nil:
			return fmt.Errorf("wait for rest: %w", err)
		case time.Now().After(bound):
			const busy = "after %v there are still %d things to do, such as: %s"
			return fmt.Errorf(busy, maxRest, len(stuck), stuck[0])
		}
		select {
		case <-time.After(restPause):
		case <-ctx.Done():
		}
	}
}
