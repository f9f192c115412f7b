package saga

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

const (
	maxOpen    = 256 // sagas under way at the same time
	page       = 100 // ids that recovery reads at a time
	sweepPause = 5 * time.Second
)

// Engine is the orchestrator: it carries out sagas, each on a goroutine that
// outlives the request which asked for it. There is one for each database.
type Engine struct {
	db     *sqlite.DB
	client *http.Client
	places chan struct{} // one is taken by each saga under way
	wake   chan struct{} // something has been handed over
	over   chan struct{} // closed when Run has ended

	mu     sync.Mutex
	runs   map[string]*run // the sagas under way, by id
	handed []*run          // those that Run has not seen yet
}

// New returns an orchestrator whose log is in db; nothing is carried out until
// Run runs. The client finds the participants.
func New(db *sqlite.DB, client *http.Client) *Engine {
	return &Engine{
		db: db, client: client,
		places: make(chan struct{}, maxOpen), wake: make(chan struct{}, 1), over: make(chan struct{}), runs: map[string]*run{},
	}
}

// Carry has a saga carried out and waits until its outcome is decided, or ctx or
// Run has ended: the saga goes on without its caller. What comes back is Done,
// Undone, or, if one of these came first, Running or Undoing. The same id asked for again
// joins the saga that there is. Also is done in the transaction that records a
// new saga.
//
// The errors: httpapi.Unavailable if too many sagas are under way; httpapi.KeyReused
// if the id belongs to another request; httpapi.InFlight if it is just being
// recorded. After one that says so, and after sqlite.ErrNotBegun, nothing was done.
func (e *Engine) Carry(ctx context.Context, s Saga, also func(*sqlite.Tx) error) (Saga, error) {
	select {
	case e.places <- struct{}{}:
	default:
		return s, httpapi.Unavailable.With("%d orders are under way", maxOpen)
	}
	r, mine := e.claim(ctx, s.ID)
	if !mine {
		<-e.places
		return e.join(ctx, r, s)
	}
	known, err := e.begin(ctx, r, s, also)
	if err != nil || known.State == Done || known.State == Undone {
		e.drop(r)
		return known, err
	}
	r.set(known)
	e.hand(r)
	return e.wait(ctx, r), nil
}

// begin records a saga, or finds what has been recorded.
func (e *Engine) begin(ctx context.Context, r *run, s Saga, also func(*sqlite.Tx) error) (Saga, error) {
	err := e.db.Update(ctx, func(tx *sqlite.Tx) error {
		first, err := read(tx, s.ID)
		switch {
		case errors.Is(err, httpapi.NotFound):
			s.State = Running
			r.begin()
			if err := also(tx); err != nil {
				return err
			}
			return record(tx, s)
		case err != nil:
			return err
		}
		err = same(first, s)
		s = first
		return err
	})
	return s, err
}

// join waits for a saga that somebody else has asked for.
func (e *Engine) join(ctx context.Context, r *run, s Saga) (Saga, error) {
	first, err := e.Read(ctx, s.ID)
	if errors.Is(err, httpapi.NotFound) {
		return s, httpapi.InFlight.With("%s is being recorded", s.ID)
	}
	if err == nil {
		err = same(first, s)
	}
	if err != nil {
		return s, err
	}
	if now := e.wait(ctx, r); now.State != "" {
		return now, nil
	}
	return first, nil // whoever had it in hand has only looked it up
}

func same(first, s Saga) error {
	if first.Request != s.Request {
		return httpapi.KeyReused.With("%s is something else", s.ID)
	}
	return nil
}

// Read returns a saga's record; the error is httpapi.NotFound if there is none.
func (e *Engine) Read(ctx context.Context, id string) (s Saga, err error) {
	err = e.db.View(ctx, func(tx *sqlite.Tx) error {
		s, err = read(tx, id)
		return err
	})
	return s, err
}

// Run carries out sagas until ctx is done: those that are asked for, and those
// that the process before this one, or an error, has left unfinished.
func (e *Engine) Run(ctx context.Context) error {
	defer close(e.over)
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { e.recover(ctx, &all) })
	for {
		select {
		case <-e.wake:
		case <-ctx.Done():
			return nil
		}
		for _, r := range e.takeAll() {
			all.Go(func() { e.finish(ctx, r) })
		}
	}
}

// finish drives a saga in the name of the request that asked for it, but not
// for as long as that one waits: for as long as this process lives.
func (e *Engine) finish(life context.Context, r *run) {
	defer e.drop(r)
	ctx, cancel := context.WithCancel(r.ctx)
	defer cancel()
	defer context.AfterFunc(life, cancel)()
	if err := e.drive(ctx, r); err != nil && life.Err() == nil {
		slog.ErrorContext(ctx, "saga left to recovery", "saga", r.id, "error", err)
	}
}
