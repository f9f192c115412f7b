// Package shop is the shop of the exercise: participants, and a coordinator that
// takes the orders. What a participant writes down and what it answers, and what
// a coordinator does with its decisions, is for the student to say.
package shop

import (
	"context"
	"net/http"

	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Vote is a participant's answer to prepare.
type Vote string

// The votes.
const (
	Yes    Vote = "yes"
	No     Vote = "no"      // the order is refused
	NotNow Vote = "not now" // this transaction will be aborted; another may follow
)

// Part is what a participant is told by its business, and by the student.
type Part struct {
	Short httpapi.Kind // the refusal when too little is left

	Prepare func(*Page, participant.Wanted) (Vote, error)
	Commit  func(*Page) error
	Abort   func(*Page) error
	Ask     func(ctx context.Context, p *Participant, id string) error // nil if it never asks
}

// Participant is a service that takes part in transactions.
type Participant struct {
	http.Handler
	db       *sqlite.DB
	client   *http.Client
	part     Part
	prepared chan struct{} // holds one if something was, since Run looked
}

// NewParticipant returns a participant on its database. The client finds the
// coordinator under the name order.
func NewParticipant(db *sqlite.DB, client *http.Client, part Part) *Participant {
	router := httpapi.NewRouter()
	p := &Participant{router, db, client, part, make(chan struct{}, 1)}
	router.Post("/prepare", httpapi.Handle(p.prepare))
	router.Post("/commit", httpapi.Handle(settle(p.Commit, twopc.Committed)))
	router.Post("/abort", httpapi.Handle(settle(p.Abort, twopc.Aborted)))
	return p
}

// prepare is forced to the disk before it is answered. It goes through also if
// the one who asked has lost patience.
func (p *Participant) prepare(w http.ResponseWriter, r *http.Request) error {
	id, err := httpapi.Key(r)
	if err != nil {
		return err
	}
	want, err := httpapi.Decode[participant.Wanted](w, r)
	if err != nil {
		return err
	}
	var vote Vote
	err = p.db.Update(context.WithoutCancel(r.Context()), func(tx *sqlite.Tx) error {
		return serve(tx, id, func(page *Page) (err error) {
			vote, err = p.part.Prepare(page, want)
			return err
		})
	})
	switch {
	case err != nil:
		return err
	case vote == No:
		return p.part.Short.With("%d of %s", want.Amount, want.Name)
	case vote != Yes:
		return httpapi.Locked.With("%s, for %s", want.Name, id)
	}
	select {
	case p.prepared <- struct{}{}:
	default:
	}
	return httpapi.WriteJSON(w, http.StatusOK, twopc.Vote{Vote: twopc.Yes})
}

// settle carries out what the coordinator has decided.
func settle(do func(ctx context.Context, id string) error, state twopc.State) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := httpapi.Key(r)
		if err != nil {
			return err
		}
		if err := do(context.WithoutCancel(r.Context()), id); err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, twopc.Inquiry{State: state})
	}
}

// Commit carries a transaction out. It is on the disk when Commit returns.
func (p *Participant) Commit(ctx context.Context, id string) error {
	return p.db.Update(ctx, func(tx *sqlite.Tx) error { return serve(tx, id, p.part.Commit) })
}

// Abort undoes a transaction. It is not forced: if a power cut undoes the abort,
// the transaction is in doubt again.
func (p *Participant) Abort(ctx context.Context, id string) error {
	return p.db.UpdateUnforced(ctx, func(tx *sqlite.Tx) error { return serve(tx, id, p.part.Abort) })
}
