package shop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/places"
	"example.com/dtx/internal/sqlite"
)

// Yours is what a student plugs into the coordinator.
type Yours struct {
	Finish  func(context.Context, *Coordinator, Decision) error
	Recover func(ctx context.Context, c *Coordinator, left []Decision) error
	Answer  func(Knowledge) (twopc.State, error)
}

// Coordinator takes the orders, has the participants vote, and decides.
type Coordinator struct {
	http.Handler
	db      *sqlite.DB
	client  *http.Client
	yours   Yours
	ready   chan struct{} // closed when boot is known
	decided chan Decision // for Run to finish

	mu     sync.Mutex
	boot   int64
	issued int64
	orders map[string]bool // that somebody is at
	voting map[string]bool // transactions
}

const (
	callPatience = time.Second
	maxDecided   = 64 // decisions that wait for Run
)

// NewCoordinator returns a coordinator on its database, which has the chapter's
// own schema.
func NewCoordinator(db *sqlite.DB, client *http.Client, yours Yours) *Coordinator {
	router := httpapi.NewRouter()
	c := &Coordinator{
		Handler: router, db: db, client: client, yours: yours, ready: make(chan struct{}), decided: make(chan Decision, maxDecided),
		orders: map[string]bool{}, voting: map[string]bool{},
	}
	router.Post("/orders", httpapi.Handle(c.post))
	router.Get("/transactions/{id}", httpapi.Handle(c.inquiry))
	return c
}

func (c *Coordinator) inquiry(w http.ResponseWriter, r *http.Request) error {
	known, err := c.look(r.Context(), httpapi.Param(r, "id"))
	if err != nil {
		return err
	}
	state, err := c.yours.Answer(known)
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, twopc.Inquiry{State: state})
}

// Run counts this start, so that ids are new, has the student recover, and then
// finish what is decided. It returns when ctx is done.
func (c *Coordinator) Run(ctx context.Context) error {
	err := c.db.Update(ctx, func(tx *sqlite.Tx) error {
		return tx.QueryRow("UPDATE epochs SET number = number + 1 RETURNING number").Scan(&c.boot)
	})
	if err != nil {
		<-ctx.Done() // whoever runs this process ends it
		return nil
	}
	left, err := c.unfinished(ctx)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	close(c.ready)
	var all sync.WaitGroup
	defer all.Wait()
	work := func(what string, do func() error) {
		all.Go(func() {
			if err := do(); err != nil && ctx.Err() == nil {
				slog.ErrorContext(ctx, what, "error", err)
			}
		})
	}
	work("recover", func() error { return c.yours.Recover(ctx, c, left) })
	for {
		select {
		case d := <-c.decided:
			work("finish", func() error { return c.yours.Finish(ctx, c, d) })
		case <-ctx.Done():
			return nil
		}
	}
}

// Tell tells a participant once that a transaction is committed. Nil means that
// it has acknowledged.
func (c *Coordinator) Tell(ctx context.Context, participant string, d Decision) error {
	return c.call(ctx, participant, "commit", d.ID, struct{}{})
}

// Pause waits after a try without success, the first being 1. The error says that
// the process is about to end.
func (c *Coordinator) Pause(ctx context.Context, d Decision, try int) error {
	return places.Pause(ctx, d.ID, try)
}

func (c *Coordinator) call(ctx context.Context, participant, verb, id string, body any) error {
	ctx, cancel := context.WithTimeout(ctx, callPatience)
	defer cancel()
	_, err := httpapi.Post[struct{}](ctx, c.client, "http://"+participant+"/"+verb, id, body)
	return err
}

// branch is a participant's part in a transaction.
type branch struct {
	participant string
	want        any
}

// commit carries a transaction out in all branches or in none. Record is called
// in the transaction that holds the decision.
func (c *Coordinator) commit(ctx context.Context, order string, branches []branch, record func(*sqlite.Tx) error) error {
	d := Decision{ID: c.begin(order)}
	defer c.end(d.ID)
	var err error
	for _, b := range branches {
		d.Waiting = append(d.Waiting, b.participant)
		if err = c.call(ctx, b.participant, "prepare", d.ID, b.want); err != nil {
			break
		}
	}
	if err == nil {
		err = c.decide(ctx, order, d, record)
	}
	switch {
	case err == nil:
		c.decided <- d
	case !errors.Is(err, sqlite.ErrUnknown): // of which nobody knows yet whether it is decided
		for _, p := range d.Waiting {
			_ = c.call(ctx, p, "abort", d.ID, struct{}{}) // who misses it asks
		}
	}
	return err
}

// begin draws an id that no transaction has had, nor will have after a restart.
func (c *Coordinator) begin(order string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.issued++
	id := fmt.Sprintf("%s.%d.%d", order, c.boot, c.issued)
	c.voting[id] = true
	return id
}

func (c *Coordinator) end(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.voting, id)
}
