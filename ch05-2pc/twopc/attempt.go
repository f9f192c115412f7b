package twopc

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Commit carries an order out in all branches, or in none. Record is called in
// the transaction that holds the decision: what it writes is true exactly if
// the order was carried out. When Commit returns nil, it is decided, and the
// participants are being told; the error's outcome tells the other cases apart:
// refused by a participant, not done, or unknown.
//
// An attempt that fails for want of votes is aborted and, while there is time,
// followed by another one.
func (c *Coordinator) Commit(ctx context.Context, order string, branches []Branch, record func(*sqlite.Tx) error) error {
	select {
	case c.places <- struct{}{}:
	default:
		return httpapi.Unavailable.With("%d orders are under way", maxUnderWay)
	}
	end := time.Now().Add(patience)
	for n := 1; ; n++ {
		d, err := c.attempt(ctx, order, branches, record)
		if err == nil {
			c.work.Go(func() { c.finish(ctx, d) })
			return nil
		}
		pause := Pause(order, n)
		if httpapi.OutcomeOf(err) != httpapi.NotDone || time.Now().Add(pause).After(end) || !Sleep(ctx, pause) {
			<-c.places
			return err
		}
	}
}

// attempt is one transaction. A decision whose outcome is unknown is left to
// the next process, which can read it: to abort now might contradict it.
func (c *Coordinator) attempt(ctx context.Context, order string, branches []Branch, record func(*sqlite.Tx) error) (decision, error) {
	d := decision{id: c.begin(order)}
	defer c.end(d.id)
	votes := c.prepare(ctx, d.id, branches)
	var undo []string // who is prepared, or may be
	for i, v := range votes {
		p, yes := branches[i].Participant, v.err == nil && v.said == Yes
		if yes {
			d.waiting = append(d.waiting, p)
		}
		if yes || httpapi.OutcomeOf(v.err) == httpapi.Unknown {
			undo = append(undo, p)
		}
	}
	err := verdict(votes)
	if err == nil {
		err = c.decide(ctx, order, d, record)
	}
	if err != nil && !errors.Is(err, sqlite.ErrUnknown) {
		c.abort(ctx, d.id, undo)
	}
	return d, err
}

// begin draws an id that no transaction has had, nor will have after a restart.
// Until end, an inquiry about it is answered: wait.
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

// vote is a participant's answer, or the error in its place.
type vote struct {
	said string
	err  error
}

// prepare asks all participants at once.
func (c *Coordinator) prepare(ctx context.Context, id string, branches []Branch) []vote {
	votes := make([]vote, len(branches))
	var all sync.WaitGroup
	for i, b := range branches {
		all.Go(func() {
			v, err := call[Vote](ctx, c, b.Participant, "prepare", id, b.Prepare)
			if err == nil && v.Vote != Yes && v.Vote != ReadOnly {
				err = fmt.Errorf("%s votes %q", b.Participant, v.Vote)
			}
			votes[i] = vote{v.Vote, err}
		})
	}
	all.Wait()
	return votes
}

// verdict returns nil if every vote allows to commit. A participant's refusal
// is final; a vote that did not come is none, and so is one that says "locked".
func verdict(votes []vote) error {
	var missing error
	for _, v := range votes {
		switch {
		case httpapi.OutcomeOf(v.err) == httpapi.Refused:
			return v.err
		case v.err != nil:
			missing = httpapi.Unavailable.With("a vote is missing: %v", v.err)
		}
	}
	return missing
}

// decide is the moment from which the transaction is committed. A process that was
// taken for dead decides nothing: the one after it may have said "aborted" already.
func (c *Coordinator) decide(ctx context.Context, order string, d decision, record func(*sqlite.Tx) error) error {
	return c.db.Update(ctx, func(tx *sqlite.Tx) error {
		done, err := tx.Exec("INSERT INTO decisions (order_id, id, waiting) SELECT ?, ?, ? FROM boots WHERE number = ?",
			order, d.id, strings.Join(d.waiting, " "), c.boot)
		if err != nil {
			return err
		}
		if n, _ := done.RowsAffected(); n == 0 {
			return httpapi.Unavailable.With("another coordinator has started")
		}
		return record(tx)
	})
}

// abort tells those who may be prepared, once and politely: who misses it asks.
func (c *Coordinator) abort(ctx context.Context, id string, participants []string) {
	var all sync.WaitGroup
	for _, p := range participants {
		all.Go(func() { _, _ = call[struct{}](ctx, c, p, "abort", id, struct{}{}) })
	}
	all.Wait()
}

// call sends one message and waits for its answer.
func call[T any](ctx context.Context, c *Coordinator, participant, verb, id string, body any) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return httpapi.Post[T](ctx, c.client, "http://"+participant+"/"+verb, id, body)
}
