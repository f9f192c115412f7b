package shop

import (
	"context"
	"net/http"
	"time"

	"example.com/dtx/ch04-saga/order"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/places"
	"example.com/dtx/internal/sqlite"
)

// ConductorSchema makes the conductor's database.
const ConductorSchema = order.Orders + `
CREATE TABLE sagas (id TEXT PRIMARY KEY REFERENCES orders, phase TEXT NOT NULL) STRICT;
`

const callTimeout = time.Second

// Conductor is what it takes to carry out a saga.
type Conductor struct {
	db     *sqlite.DB
	client *http.Client
}

// Ask calls a step once. Unknown means that there was no answer: the step may
// have been done, or may yet be.
func (c *Conductor) Ask(ctx context.Context, s Saga, step Step) httpapi.Outcome {
	return httpapi.OutcomeOf(c.call(ctx, s, step.Do, step.Amount))
}

// Undo calls a step's compensation until it is done.
func (c *Conductor) Undo(ctx context.Context, s Saga, step Step) error {
	for try := 1; c.call(ctx, s, step.Undo, step.Amount) != nil; try++ {
		if err := c.Pause(ctx, s, try); err != nil {
			return err
		}
	}
	return nil
}

// Pause waits after a try without success, the first being 1. The error says that
// the process is about to end.
func (c *Conductor) Pause(ctx context.Context, s Saga, try int) error {
	return places.Pause(ctx, s.Order.ID, try)
}

// Turn decides that a saga goes back. The decision is on the disk when it returns.
func (c *Conductor) Turn(ctx context.Context, s Saga) error { return c.write(ctx, s, Backward) }

// End notes that a saga has ended, as Finished or as Reversed.
func (c *Conductor) End(ctx context.Context, s Saga, p Phase) error { return c.write(ctx, s, p) }

func (c *Conductor) write(ctx context.Context, s Saga, p Phase) error {
	return c.db.Update(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec("UPDATE sagas SET phase = ? WHERE id = ?", p, s.Order.ID)
		return err
	})
}

func (c *Conductor) call(ctx context.Context, s Saga, url string, a Amount) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := httpapi.Post[Amount](ctx, c.client, url, s.Order.ID, a)
	return err
}
