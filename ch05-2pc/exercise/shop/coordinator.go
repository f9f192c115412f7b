// Package shop is the chapter's shop with the student's functions in it: what a
// participant writes down and answers, and what a coordinator does with its decisions.
// The services and their messages are the chapter's own.
package shop

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/places"
	"example.com/dtx/internal/sqlite"
)

const (
	maxPlaces = 16              // orders under way
	patience  = time.Second     // of an order that waits for a place
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

// Coordinator runs transactions. It has the chapter's log without the fence, so it does
// not survive a zombie, and without reserved attempts. It asks for the votes one after the other.
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
		Coordinator: twopc.New(db, client, maxPlaces), db: db, client: client, yours: yours,
		places: places.Make[Decision](maxPlaces, patience), ready: make(chan struct{}),
	}
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
		const count = "INSERT INTO epochs (reserved) VALUES (0) RETURNING number"
		return tx.QueryRow(count).Scan(&c.epoch)
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
				left = append(left, Decision{o.ID, strings.Fields(o.Waiting)})
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
