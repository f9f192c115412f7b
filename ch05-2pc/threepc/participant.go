// Package threepc is three-phase commit, which the laboratory refutes.
//
// Between the votes and the commit there is a third phase: the coordinator tells all
// participants that all have voted yes, and they write that down. A participant that
// is left alone then does not wait for the coordinator. It asks the other participants,
// and they decide among themselves. A participant that does not answer in time is taken
// for dead: this is the assumption that a network breaks.
//
// Dale Skeen, Nonblocking Commit Protocols, 1981.
package threepc

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/places"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the database; a service adds its own accounts.
const Schema = participant.Schema + "CREATE TABLE precommitted (id TEXT PRIMARY KEY) STRICT;"

const preCommitted twopc.State = "pre-committed" // all have voted yes

// Participant keeps a service's branches, and decides with its peers. The service that
// takes the orders is one of them: its branch is the order itself.
type Participant struct {
	http.Handler
	rows   participant.Rows
	db     *sqlite.DB
	client http.Client
	peers  []string
}

// New returns a participant. The client finds its peers under their names.
func New(
	db *sqlite.DB, client *http.Client, rules participant.Rules, peers ...string,
) *Participant {
	r, rows := httpapi.NewRouter(), participant.NewRows(db, rules)
	p := &Participant{r, rows, db, *client, peers}
	p.client.Timeout = time.Second // a peer that does not answer in time is taken for dead
	r.Post("/orders", httpapi.Handle(p.post))
	r.Post("/pre-commit/{id}", httpapi.Handle(p.serve))
	r.Get("/states/{id}", httpapi.Handle(p.serve))
	r.Mount("/", participant.New(rows, client, rules))
	return p
}

// serve answers with a branch's state, after a POST with what that has made of it.
func (p *Participant) serve(w http.ResponseWriter, r *http.Request) error {
	id := httpapi.Param(r, "id")
	var err error
	if r.Method == http.MethodPost {
		err = p.preCommit(r.Context(), id)
	}
	state, failed := p.state(r.Context(), id)
	if err = errors.Join(err, failed); err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, twopc.Answer{State: state})
}

// preCommit writes down that all have voted yes.
func (p *Participant) preCommit(ctx context.Context, id string) error {
	return p.db.Update(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec("INSERT OR IGNORE INTO precommitted VALUES (?)", id)
		return err
	})
}

// state tells how far a branch has come.
func (p *Participant) state(ctx context.Context, id string) (state twopc.State, err error) {
	const query = `SELECT coalesce((SELECT iif(state = 'prepared' AND id IN precommitted, ?, state)
		FROM branches WHERE id = ?), 'unknown')`
	err = p.db.View(ctx, func(tx *sqlite.Tx) error {
		return tx.QueryRow(query, preCommitted, id).Scan(&state)
	})
	return state, err
}

// Run ends the branches of which the coordinator has told nothing for a while. It
// returns when ctx is done.
func (p *Participant) Run(ctx context.Context) error {
	var before []string
	for places.Pause(ctx, "look", 6) == nil { // about 5 s; a coordinator calls for 1 s
		doubts, _ := p.rows.InDoubt(ctx)
		for _, id := range doubts {
			if slices.Contains(before, id) {
				_ = p.terminate(ctx, id) // else it tries once more
			}
		}
		before = doubts
	}
	return nil
}

// terminate decides without the coordinator. If one peer has aborted, all abort. Else,
// if one knows that all have voted yes, all commit. Else none has committed.
func (p *Participant) terminate(ctx context.Context, id string) error {
	own, _ := p.state(ctx, id) // if it cannot be read, nothing can be written either
	states := []twopc.State{own}
	for _, peer := range p.peers { // the state of one that does not answer is ""
		a, _ := httpapi.Get[twopc.Answer](ctx, &p.client, "http://"+peer+"/states/"+id)
		states = append(states, a.State)
	}
	known := slices.Contains(states, preCommitted) || slices.Contains(states, twopc.Committed)
	if known && !slices.Contains(states, twopc.Aborted) {
		return p.rows.Commit(ctx, id)
	}
	return p.rows.Abort(ctx, id)
}
