package twopc

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/places"
	"example.com/dtx/internal/sqlite"
)

const (
	callTimeout = time.Second     // for one answer of a participant
	patience    = 4 * time.Second // for a place, and then for the votes
	MaxPlaces   = 24              // orders under way: voted on, or told to participants
)

// Record runs in the transaction that holds the outcome of an order. Refused is
// nil if the order is decided, else the participant's refusal.
type Record func(tx *sqlite.Tx, refused *httpapi.Problem) error

// Coordinator runs transactions. It does nothing before Run.
type Coordinator struct {
	db       *sqlite.DB
	client   *http.Client
	places   *places.Places[decision] // a run is an order: its attempt, and then its decision
	ready    chan struct{}            // closed when Run has counted this start
	life     context.Context          // Run's; it ends early if a later coordinator starts
	end      context.CancelFunc
	epoch    int64        // this start
	issued   atomic.Int64 // attempts since then
	reserved atomic.Int64 // attempts that the log allows
}

// New returns a coordinator that keeps its decisions in db and has room for so many
// orders at the same time. The client finds the participants under their names.
func New(db *sqlite.DB, client *http.Client, room int) *Coordinator {
	p := places.Make[decision](room, patience)
	return &Coordinator{db: db, client: client, places: p, ready: make(chan struct{})}
}

// Commit carries an order out in all branches, or in none. When it returns nil,
// the order is decided, and the participants are being told. Else the outcome of
// the error says what is known: refused by a participant, not done, or unknown.
//
// An attempt for which a vote is missing is aborted and, while there is time,
// followed by another one. A caller that hangs up ends nothing.
func (c *Coordinator) Commit(
	ctx context.Context, order string, branches []Branch, record Record,
) error {
	ctx, err := c.outlive(ctx)
	if err != nil {
		return err
	}
	run, isNew, err := c.places.Begin(ctx, order, places.New)
	if err != nil {
		return err
	}
	if !isNew {
		return httpapi.InFlight.With("%s is under way", order)
	}
	defer run.Drop() // if it is not handed over
	for end, n := time.Now().Add(patience), 1; ; n++ {
		err := c.attempt(ctx, run, branches, record)
		if err == nil {
			run.Hand() // to finish
			return nil
		}
		last := time.Now().Add(places.Backoff(order, n)).After(end)
		if httpapi.OutcomeOf(err) != httpapi.NotDone || last || places.Pause(ctx, order, n) != nil {
			return err
		}
	}
}

// outlive returns a context with the values of ctx and the life of Run.
func (c *Coordinator) outlive(ctx context.Context) (context.Context, error) {
	select {
	case <-c.ready:
	case <-time.After(patience):
		return nil, httpapi.Unavailable.With("still starting")
	}
	if c.life.Err() != nil {
		return nil, httpapi.Unavailable.With("about to end")
	}
	return places.Outlive(ctx, c.life), nil
}

// attempt is one transaction: its first phase, and the decision. If the outcome of
// the decision's COMMIT is unknown, no participant is told anything: to abort might
// contradict the decision, which the next process reads from the disk. Nor is an inquiry
// answered: after ErrUnknown the database of this process is closed.
func (c *Coordinator) attempt(
	ctx context.Context, run *places.Run[decision], branches []Branch, record Record,
) error {
	id, err := c.draw(ctx, run.ID)
	if err != nil {
		return err
	}
	run.Set(decision{id: id}) // until it is decided or aborted, an inquiry is answered: pending
	yes, maybe, err := tally(branches, c.prepare(ctx, id, branches))
	if err == nil {
		d := decision{id, yes}
		run.Set(d)
		err = c.decide(ctx, d, record)
	}
	if err != nil && !errors.Is(err, sqlite.ErrUnknown) {
		run.Set(decision{})
		c.abort(ctx, id, append(yes, maybe...))
		err = c.refuse(ctx, err, record)
	}
	return err
}

// vote is a participant's answer, or the error in its place.
type vote struct {
	said string
	err  error
}

// prepare asks all participants for their votes.
func (c *Coordinator) prepare(ctx context.Context, id ID, branches []Branch) []vote {
	return atOnce(branches, func(b Branch) vote {
		v, err := call[Vote](ctx, c, b.Participant, "prepare", id, b.Prepare)
		return vote{v.Vote, err}
	})
}

// tally counts the votes: the participants that have voted yes, and those that have
// not answered and may be prepared, too. The error is nil if every vote allows to
// commit. A refusal is final. A missing vote is not; nor is "locked"; nor that a
// participant cannot read the request, which its next release may; nor an ID that it
// knows with other content: the next attempt has another.
func tally(branches []Branch, votes []vote) (yes, maybe []string, err error) {
	for i, v := range votes {
		participant := branches[i].Participant
		switch {
		case v.said == Yes && v.err == nil:
			yes = append(yes, participant)
			continue
		case v.said == ReadOnly && v.err == nil:
			continue
		case httpapi.OutcomeOf(v.err) == httpapi.NotDone, errors.Is(v.err, httpapi.KeyReused):
		case httpapi.Judged(v.err):
			err = v.err
		default: // an answer that is no vote
			maybe = append(maybe, participant)
		}
		if httpapi.OutcomeOf(err) != httpapi.Refused { // a refusal outweighs a missing vote
			err = httpapi.Unavailable.With("%s has not voted: %v", participant, v.err)
		}
	}
	return yes, maybe, err
}

// abort tells the participants that may be prepared, once: a participant that does
// not hear it asks.
func (c *Coordinator) abort(ctx context.Context, id ID, participants []string) {
	atOnce(participants, func(p string) error {
		_, err := call[Answer](ctx, c, p, "abort", id, struct{}{})
		return err
	})
}

// atOnce asks all at the same time, and returns the answers in the same order.
func atOnce[P, A any](all []P, ask func(P) A) []A {
	answers := make([]A, len(all))
	var wg sync.WaitGroup
	for i, one := range all {
		wg.Go(func() { answers[i] = ask(one) })
	}
	wg.Wait()
	return answers
}

// call sends one message and waits for its answer.
func call[T any](
	ctx context.Context, c *Coordinator, participant, verb string, id ID, body any,
) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return httpapi.Post[T](ctx, c.client, "http://"+participant+"/"+verb, id.String(), body)
}
