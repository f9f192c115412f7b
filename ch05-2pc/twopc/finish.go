package twopc

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// decision is a transaction that is committed, or is about to be.
type decision struct {
	id      string
	waiting []string // participants that have to hear of it
}

// Run takes up what the process before this one decided, and returns when ctx
// is done and all the coordinator's work has ended.
func (c *Coordinator) Run(ctx context.Context) error {
	unfinished, err := c.start(ctx)
	if errors.Is(err, sqlite.ErrUnknown) {
		<-ctx.Done() // the database has failed, and whoever runs this process ends it
	}
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("start the coordinator: %w", err)
	}
	c.life = ctx
	for _, d := range unfinished {
		c.places <- struct{}{} // there were as many when it was decided
		c.work.Go(func() { c.finish(ctx, d) })
	}
	close(c.ready)
	<-ctx.Done()
	c.mu.Lock()
	c.ended = true // nobody enters any more
	c.mu.Unlock()
	c.work.Wait()
	return nil
}

// start counts this start, on the disk, and reads the decisions that somebody
// may not have heard of. The number makes ids new after a restart without a
// record for each.
func (c *Coordinator) start(ctx context.Context) (unfinished []decision, err error) {
	err = c.db.Update(ctx, func(tx *sqlite.Tx) error {
		return tx.QueryRow("UPDATE boots SET number = number + 1 RETURNING number").Scan(&c.boot)
	})
	if err != nil {
		return nil, err
	}
	err = c.db.View(ctx, func(tx *sqlite.Tx) error {
		rows, err := tx.Query("SELECT id, waiting FROM decisions WHERE waiting <> '' ORDER BY order_id")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var d decision
			var waiting string
			if err := rows.Scan(&d.id, &waiting); err != nil {
				return err
			}
			d.waiting = strings.Fields(waiting)
			unfinished = append(unfinished, d)
		}
		return rows.Err()
	})
	return unfinished, err
}

// finish tells a decision to all participants until each has acknowledged, and
// notes that it need not be told again. That note is not forced: if it is lost,
// they are told once more.
func (c *Coordinator) finish(ctx context.Context, d decision) {
	defer func() { <-c.places }()
	ctx, cancel := c.outlive(ctx)
	defer cancel()
	var all sync.WaitGroup
	for _, p := range d.waiting {
		all.Go(func() { c.deliver(ctx, p, d.id) })
	}
	all.Wait()
	if ctx.Err() != nil {
		return
	}
	_ = c.db.UpdateUnforced(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec("UPDATE decisions SET waiting = '' WHERE id = ?", d.id)
		return err
	})
}

// deliver tells a decision to one participant, for ever if need be: seldom, if it
// has said yes and now refuses. That promise is broken, and for people to mend.
func (c *Coordinator) deliver(ctx context.Context, participant, id string) {
	for n := 1; ; n++ {
		_, err := call[struct{}](ctx, c, participant, "commit", id, struct{}{})
		if httpapi.OutcomeOf(err) == httpapi.Refused {
			n = slowest
		}
		if err == nil || !Sleep(ctx, Pause(participant+" "+id, n)) {
			return
		}
	}
}

// Outcome answers an inquiry about a transaction. Unknown means aborted: an id
// is in voting before any participant hears of it, until its decision is on the
// disk or will never be. Before this start is counted, the process before it may
// decide yet.
func (c *Coordinator) Outcome(ctx context.Context, id string) (State, error) {
	select {
	case <-c.ready:
	default:
		return Pending, nil
	}
	c.mu.Lock()
	voting := c.voting[id]
	c.mu.Unlock()
	if voting {
		return Pending, nil
	}
	var decided bool
	err := c.db.View(ctx, func(tx *sqlite.Tx) error {
		return tx.QueryRow("SELECT EXISTS (SELECT 1 FROM decisions WHERE id = ?)", id).Scan(&decided)
	})
	if err != nil {
		return "", fmt.Errorf("look up %s: %w", id, err)
	}
	if decided {
		return Committed, nil
	}
	return Aborted, nil
}
