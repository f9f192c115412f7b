package lab

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab/event"
)

// Change is something that the laboratory changes in the world while a client waits
// to ask again: stock comes in, or a price changes.
type Change struct {
	Service string
	SQL     string // one statement on the service's database; empty if nothing changes
	Means   string // what it does, in words
}

// Placing asks for an order a number of times, until there is a final answer.
type Placing func(ctx context.Context, o Order, tries int) []Answer

// Client places one order, and asks again until it has a final answer. Between its
// first answer and what follows, the world changes if the scenario says so.
func (s Scenario) Client(
	ctx context.Context, o Order, place Placing, change func() error,
) []Answer {
	if s.Change.SQL == "" || o.Key != s.Orders[0].Key {
		return place(ctx, o, s.Tries)
	}
	told := place(ctx, o, 1)
	if err := change(); err != nil || told[0].Final() || s.Tries <= 1 {
		return told
	}
	select {
	case <-time.After(Pause):
	case <-ctx.Done():
		return told
	}
	return append(told, place(ctx, o, s.Tries-1)...)
}

// Make changes the database of that path, and returns by how much each balance has
// changed. The error is sqlite.ErrNotBegun if the service is writing just now.
func (c Change) Make(ctx context.Context, path string, q Queries) (changed []Balance, err error) {
	db, err := sqlite.Open(ctx, sqlite.Config{Path: path})
	if err != nil {
		return nil, fmt.Errorf("change %s: %w", c.Service, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var was, is Ledger
	err = db.Update(ctx, func(tx *sqlite.Tx) error {
		if err := was.read(tx, Queries{Balances: q.Balances}); err != nil {
			return err
		}
		if _, err := tx.Exec(c.SQL); err != nil {
			return err
		}
		return is.read(tx, Queries{Balances: q.Balances})
	})
	for _, b := range was.Balances {
		changed = append(changed, Balance{b.Kind, b.Account, -b.Amount})
	}
	return append(changed, is.Balances...), err
}

// Record is the event of a change.
func (c Change) Record() event.Event {
	return event.Event{Service: c.Service, Kind: event.State, Data: event.Data{Text: c.Means}}
}

// Place has all orders placed, at once or in turn, and returns all answers.
func (s Scenario) Place(place func(Order) []Answer) (told []Answer) {
	lists := make([][]Answer, len(s.Orders))
	var all sync.WaitGroup
	for i, o := range s.Orders {
		all.Go(func() { lists[i] = place(o) })
		if s.InTurn {
			all.Wait()
		}
	}
	all.Wait()
	for _, list := range lists {
		told = append(told, list...)
	}
	return told
}
