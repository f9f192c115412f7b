package tcc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/places"
	"example.com/dtx/internal/sqlite"
)

const (
	MaxPlaces   = 256         // transactions that a service works on at the same time
	patience    = time.Second // of a new transaction that waits for a place, or for a start
	callTimeout = time.Second // for one answer of a participant
	maxTries    = 4           // of one call, by one run
)

// Initiator carries out transactions, each on a goroutine that outlives the request
// that asked for it. One process at a time owns the log.
type Initiator struct {
	db     *sqlite.DB
	client *http.Client
	places *places.Places[progress]
	ready  chan struct{} // closed when Run has taken the epoch
	epoch  int64         // this process's
	stop   func()        // ends all work: another process owns the log
}

// run is the work on one transaction.
type run = places.Run[progress]

// progress is what this process knows of a transaction that it works on. Without
// branches, an earlier process has recorded it.
type progress struct {
	Transaction
	branches []Branch
}

// New returns an initiator with its log in db and room for so many transactions at the
// same time. The client finds the participants under their names. Nothing is recorded
// before Run.
func New(db *sqlite.DB, client *http.Client, room int) *Initiator {
	p := places.Make[progress](room, patience)
	return &Initiator{db: db, client: client, places: p, ready: make(chan struct{})}
}

// Request is what a caller asks for under an id. Both functions get a transaction
// on the log's database.
type Request struct {
	// Record writes down what the transaction is for, where it is itself recorded,
	// and returns the branches.
	Record func(*sqlite.Tx) ([]Branch, error)
	// Check returns an error if the recorded transaction is for something else.
	Check func(*sqlite.Tx) error
}

// Execute has a transaction carried out and waits until it is decided, or until ctx or
// Run ends: the transaction goes on without its caller. A second call with the same id
// waits for the first, and needs no place.
//
// The errors: those of the request; httpapi.Unavailable if there is no place, or
// another process owns the log; httpapi.InFlight while the same id is being recorded.
func (n *Initiator) Execute(ctx context.Context, id string, request Request) (Transaction, error) {
	known := n.places.Find(id)
	t, err := n.lookUp(ctx, id, request.Check)
	if err == nil {
		return await(ctx, known, t), nil
	}
	if !errors.Is(err, httpapi.NotFound) {
		return t, err
	}
	r, isNew, err := n.places.Begin(ctx, id, places.New)
	if err != nil {
		return t, err
	}
	if !isNew {
		return t, httpapi.InFlight.With("%s is being recorded", id)
	}
	defer r.Drop()
	t, branches, err := n.record(ctx, id, request)
	if err != nil || branches == nil {
		return t, err
	}
	r.Set(progress{t, branches})
	r.Hand()
	return await(ctx, r, t), nil
}

// Progress returns a transaction; the errors are httpapi.NotFound and those of check.
func (n *Initiator) Progress(
	ctx context.Context, id string, check func(*sqlite.Tx) error,
) (Transaction, error) {
	return n.lookUp(ctx, id, check)
}

// await returns a transaction when it is decided, or as it was recorded if no run works
// on it: then recovery will take it up.
func await(ctx context.Context, r *run, t Transaction) Transaction {
	if r == nil || t.State != Trying {
		return t
	}
	if now := r.Wait(ctx); now.State != "" {
		return now.Transaction
	}
	return t
}

// drive is both phases. What it cannot finish stays open, for recovery.
func (n *Initiator) drive(ctx context.Context, r *run) {
	if p := r.Now(); p.State == Trying {
		t, err := n.decide(ctx, p.Transaction, n.try(ctx, p))
		if err != nil {
			slog.WarnContext(ctx, "not decided", "transaction", r.ID, "error", err)
			return
		}
		r.Decide(progress{Transaction: t})
	}
	n.finish(ctx, r)
}

// try is the first phase: it asks all participants to reserve. It returns why the
// transaction has to be cancelled; nothing if all have reserved.
//
// A try may be repeated, since the participant remembers it. One without an answer may
// have reserved, and is cancelled like the others.
func (n *Initiator) try(ctx context.Context, p progress) (why httpapi.Kind) {
	if p.branches == nil {
		return httpapi.GivenUp
	}
	errs := atOnce(p.branches, func(b Branch) error {
		for try := 1; ; try++ {
			err := n.call(ctx, b.Participant, Try, p.ID, b.Try)
			isOver := err == nil || httpapi.Judged(err) || try == maxTries
			if isOver || places.Pause(ctx, p.ID, try) != nil {
				return err
			}
		}
	})
	for _, err := range errs {
		problem, isProblem := errors.AsType[*httpapi.Problem](err)
		switch {
		case isProblem && httpapi.Judged(err):
			return problem.Type
		case err != nil:
			why = httpapi.GivenUp
		}
	}
	return why
}

// atOnce asks all at the same time, and returns the answers in the same order.
func atOnce[P any](all []P, ask func(P) error) []error {
	answers := make([]error, len(all))
	var wg sync.WaitGroup
	for i, one := range all {
		wg.Go(func() { answers[i] = ask(one) })
	}
	wg.Wait()
	return answers
}

// call sends one message and waits for its answer.
func (n *Initiator) call(
	ctx context.Context, participant string, op Operation, id string, body any,
) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	url := "http://" + participant + "/" + string(op)
	answer, err := httpapi.Post[Answer](ctx, n.client, url, id, body)
	if err == nil && answer.Done != op {
		err = fmt.Errorf("%s answers %q to %s", participant, answer.Done, op)
	}
	return err
}
