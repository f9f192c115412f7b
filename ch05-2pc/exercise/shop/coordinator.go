// Package shop is the chapter's shop with the student's functions in it: what a
// participant writes down and answers, and what a coordinator does with its decisions.
// The services and their messages are the chapter's own.
package shop

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/places"
	"example.com/dtx/internal/sqlite"
)

const (
	maxPlaces = 16              // orders under way
	patience  = time.Second     // of an order that waits for a place
	attempts  = 3               // transactions for an order, for want of votes
	passPause = 5 * time.Second // between two passes of recovery
)

// Yours is what a student plugs into the coordinator.
type Yours struct {
	Finish  func(context.Context, *Coordinator, Decision) error
	Recover func(ctx context.Context, c *Coordinator, left []Decision) error
	Answer  func(Knowledge) (twopc.State, error)
}

// Decision is a transaction that is committed.
type Decision struct {
	ID      string
	Waiting []string // the participants that have to be told
}

// Knowledge is what a coordinator knows of a transaction.
type Knowledge string

// What there is to know.
const (
	Voting  Knowledge = "voting"  // this process counts its votes
	Decided Knowledge = "decided" // to be committed: it is on the disk
	Nothing Knowledge = "nothing"
)

// Coordinator runs transactions. It has the chapter's log without the fence: it does not
// survive a zombie. It asks for the votes one after the other.
type Coordinator struct {
	*twopc.Coordinator // what it tells the operator
	db                 *sqlite.DB
	client             *http.Client
	yours              Yours
	places             *places.Places[Decision]
	ready              chan struct{} // closed when Run has counted this start
	epoch              int64         // this start
	issued             atomic.Int64  // attempts since then
}

// New returns a coordinator with its log in db, which has the chapter's schema.
func New(db *sqlite.DB, client *http.Client, yours Yours) *Coordinator {
	return &Coordinator{
		Coordinator: twopc.New(db, client), db: db, client: client, yours: yours,
		places: places.Make[Decision](maxPlaces, patience), ready: make(chan struct{}),
	}
}

// Commit carries an order out in all branches, or in none. A caller that hangs up ends
// nothing.
func (c *Coordinator) Commit(
	ctx context.Context, order string, branches []twopc.Branch, record twopc.Record,
) error {
	select {
	case <-c.ready:
	case <-ctx.Done():
		return httpapi.Unavailable.With("still starting")
	}
	ctx = context.WithoutCancel(ctx)
	run, isNew, err := c.places.Begin(ctx, order, places.New)
	if err != nil {
		return err
	}
	if !isNew {
		return httpapi.InFlight.With("%s is under way", order)
	}
	defer run.Drop()
	for n := 1; ; n++ {
		err := c.attempt(ctx, run, branches, record)
		if err == nil {
			run.Hand() // to the student's Finish
			return nil
		}
		notDone := httpapi.OutcomeOf(err) == httpapi.NotDone
		if !notDone || n == attempts || places.Pause(ctx, order, n) != nil {
			return err
		}
	}
}

// attempt is one transaction: the votes, and the decision.
func (c *Coordinator) attempt(
	ctx context.Context, run *places.Run[Decision], branches []twopc.Branch, record twopc.Record,
) error {
	d := Decision{ID: twopc.ID{Order: run.ID, Epoch: c.epoch, Attempt: c.issued.Add(1)}.String()}
	run.Set(d)
	var err error
	for _, b := range branches {
		d.Waiting = append(d.Waiting, b.Participant)
		if err = c.call(ctx, b.Participant, "prepare", d.ID, b.Prepare, twopc.Yes); err != nil {
			break
		}
	}
	if err == nil {
		run.Set(d)
		err = c.db.Update(ctx, func(tx *sqlite.Tx) error {
			_, err := tx.Exec("INSERT INTO decisions (order_id, id, waiting) VALUES (?, ?, ?)",
				run.ID, d.ID, strings.Join(d.Waiting, " "))
			if err != nil {
				return err
			}
			return record(tx, nil)
		})
	}
	if err == nil || errors.Is(err, sqlite.ErrUnknown) { // it may be decided, and may not
		return err
	}
	run.Set(Decision{})
	for _, p := range d.Waiting { // a participant that does not hear it asks
		_ = c.call(ctx, p, "abort", d.ID, struct{}{}, string(twopc.Aborted))
	}
	return c.refuse(ctx, err, record)
}

// refuse forces a refusal before the customer is told. Any other error means that a vote
// is missing.
func (c *Coordinator) refuse(ctx context.Context, err error, record twopc.Record) error {
	problem, ok := errors.AsType[*httpapi.Problem](err)
	if !ok || problem.Outcome() != httpapi.Refused {
		return httpapi.Unavailable.With("a vote is missing: %v", err)
	}
	failed := c.db.Update(ctx, func(tx *sqlite.Tx) error { return record(tx, problem) })
	if failed != nil {
		return failed
	}
	return problem
}

// call sends one message. Any answer but the wanted one is none.
func (c *Coordinator) call(
	ctx context.Context, participant, verb, id string, body any, want string,
) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	url := "http://" + participant + "/" + verb
	answer, err := httpapi.Post[map[string]string](ctx, c.client, url, id, body)
	if said := cmp.Or(answer["vote"], answer["state"]); err == nil && said != want {
		return fmt.Errorf("%s answers %q", participant, said)
	}
	return err
}

// Tell tells a participant once that a transaction is committed. Nil means that it has
// acknowledged.
func (c *Coordinator) Tell(ctx context.Context, participant string, d Decision) error {
	return c.call(ctx, participant, "commit", d.ID, struct{}{}, string(twopc.Committed))
}

// Pause waits after a try without success, the first being 1. The error says that the
// process is about to end.
func (c *Coordinator) Pause(ctx context.Context, d Decision, try int) error {
	return places.Pause(ctx, d.ID, try)
}

// End notes that all participants have acknowledged a decision.
func (c *Coordinator) End(ctx context.Context, d Decision) error {
	return c.db.UpdateUnforced(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec("UPDATE decisions SET waiting = '' WHERE id = ?", d.ID)
		return err
	})
}

// Outcome has the student answer an inquiry.
func (c *Coordinator) Outcome(ctx context.Context, text string) (twopc.State, error) {
	known, id := Nothing, twopc.ID{}
	select {
	case <-c.ready:
		id, _ = twopc.ParseID(text)
	default:
		return twopc.Pending, nil
	}
	if run := c.places.Find(id.Order); run != nil && run.Now().ID == text {
		known = Voting
	}
	var decided bool // looked up last: what has no vote any more is on the disk, or never will be
	err := c.db.View(ctx, func(tx *sqlite.Tx) error {
		return tx.QueryRow("SELECT EXISTS (SELECT 1 FROM decisions WHERE id = ?)", text).
			Scan(&decided)
	})
	if err != nil {
		return "", err
	}
	if decided {
		known = Decided
	}
	return c.yours.Answer(known)
}

// Run counts this start, so that IDs are new, and has the student recover, and finish
// what is decided. It returns when ctx is done.
func (c *Coordinator) Run(ctx context.Context) error {
	err := c.db.Update(ctx, func(tx *sqlite.Tx) error {
		return tx.QueryRow("UPDATE epochs SET number = number + 1 RETURNING number").Scan(&c.epoch)
	})
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	close(c.ready)
	var wg sync.WaitGroup
	wg.Go(func() { c.recover(ctx) })
	c.places.Run(ctx, func(ctx context.Context, run *places.Run[Decision]) {
		c.note(ctx, "finish", c.yours.Finish(ctx, c, run.Now()))
	})
	wg.Wait()
	return nil
}

// recover gives the student the open decisions that no run works on, at the start and
// again and again.
func (c *Coordinator) recover(ctx context.Context) {
	for ctx.Err() == nil {
		open, err := c.Open(ctx, false)
		var left []Decision
		for _, o := range open {
			if id, _ := twopc.ParseID(o.ID); c.places.Find(id.Order) == nil {
				left = append(left, Decision{o.ID, strings.Fields(o.Service)})
			}
		}
		if len(left) > 0 {
			err = errors.Join(err, c.yours.Recover(ctx, c, left))
		}
		c.note(ctx, "recover", err)
		select {
		case <-time.After(passPause):
		case <-ctx.Done():
		}
	}
}

func (c *Coordinator) note(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		slog.ErrorContext(ctx, what, "error", err)
	}
}
