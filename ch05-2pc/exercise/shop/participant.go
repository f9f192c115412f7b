package shop

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"

	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/places"
	"example.com/dtx/internal/sqlite"
)

const (
	callTimeout = time.Second // for one answer
	lookPause   = 3           // tries of back-off, half a second: between two looks for doubt
)

// Vote is a participant's answer to prepare.
type Vote string

// The votes.
const (
	Yes    Vote = "yes"
	No     Vote = "no"      // the order is refused
	NotNow Vote = "not now" // this attempt is aborted; the coordinator makes another
)

// Part is what a student plugs into a participant.
type Part struct {
	Prepare func(*Book, participant.Wanted) (Vote, error)
	Commit  func(*Book) error
	Abort   func(*Book) error
	Ask     func(ctx context.Context, p *Participant, id string) error // nil: it never asks
}

// Participant is the chapter's participant with the student's functions in it.
type Participant struct {
	http.Handler     // the chapter's
	participant.Rows // reads the accounts, and the branches in doubt
	db               *sqlite.DB
	client           *http.Client
	rules            participant.Rules
	part             Part
	prepared         chan struct{} // holds one if a branch was, since Run looked
}

// NewParticipant returns a participant on its database. The client finds the coordinator
// under the name order.
func NewParticipant(
	db *sqlite.DB, client *http.Client, rules participant.Rules, part Part,
) *Participant {
	p := &Participant{
		Rows: participant.NewRows(db, rules), db: db, client: client, rules: rules, part: part,
		prepared: make(chan struct{}, 1),
	}
	p.Handler = participant.New(p, client, rules)
	return p
}

// Prepare is part of participant.Branches.
func (p *Participant) Prepare(
	ctx context.Context, id string, w participant.Wanted,
) (yes twopc.Vote, err error) {
	var vote Vote
	err = p.db.Update(ctx, func(tx *sqlite.Tx) (err error) {
		b := &Book{tx: tx, id: id, wanted: w}
		vote, err = p.part.Prepare(b, w)
		return cmp.Or(b.failed, err)
	})
	switch {
	case err != nil:
		return yes, err
	case vote == No:
		return yes, p.rules.Short.With("%d of %s", w.Amount, w.Name)
	case vote != Yes:
		return yes, httpapi.Locked.With("%s, for %s", w.Name, id)
	}
	select {
	case p.prepared <- struct{}{}:
	default:
	}
	return twopc.Vote{Vote: twopc.Yes}, nil
}

// Commit commits a branch. It is on the disk when Commit returns.
func (p *Participant) Commit(ctx context.Context, id string) error {
	return p.db.Update(ctx, serve(id, p.part.Commit))
}

// Abort aborts a branch. It is not forced: if a power cut undoes the abort, the branch
// is in doubt again.
func (p *Participant) Abort(ctx context.Context, id string) error {
	return p.db.UpdateUnforced(ctx, serve(id, p.part.Abort))
}

func serve(id string, do func(*Book) error) func(*sqlite.Tx) error {
	return func(tx *sqlite.Tx) error {
		b := &Book{tx: tx, id: id}
		err := do(b)
		return cmp.Or(b.failed, err)
	}
}

// Inquire asks the coordinator what became of a transaction. An error means that there
// was no answer.
func (p *Participant) Inquire(ctx context.Context, id string) (twopc.State, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	url := "http://order/transactions/" + url.PathEscape(id)
	answer, err := httpapi.Get[twopc.Answer](ctx, p.client, url)
	return answer.State, err
}

// Run has the student ask about the branches that have been in doubt for a while. It
// returns when ctx is done.
func (p *Participant) Run(ctx context.Context) error {
	var before []string // in doubt at the last look; after a start, none
	for p.part.Ask != nil && ctx.Err() == nil {
		doubts, err := p.InDoubt(ctx)
		for _, id := range doubts {
			if slices.Contains(before, id) {
				err = errors.Join(err, p.part.Ask(ctx, p, id))
			}
		}
		if err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "ask", "error", err)
		}
		if before = doubts; err == nil && len(doubts) == 0 {
			select {
			case <-p.prepared:
			case <-ctx.Done():
			}
		}
		_ = places.Pause(ctx, p.rules.List, lookPause) // its error is that of ctx
	}
	<-ctx.Done()
	return nil
}
