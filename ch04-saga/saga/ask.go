package saga

import (
	"context"
	"log/slog"
	"time"

	"example.com/dtx/ch04-saga/retry"
	"example.com/dtx/internal/httpapi"
)

const (
	callTimeout = time.Second // for one call
	maxTries    = 4           // of a step, before the saga is given up
)

// ask makes a call until its outcome is known, tries times at most; 0 is for
// ever. A call without an answer is made again: it may have been done, and
// whoever has done it will say so.
func (e *Engine) ask(ctx context.Context, id, url string, body Body, tries int) error {
	for try := 1; ; try++ {
		err := e.call(ctx, id, url, body)
		if o := httpapi.OutcomeOf(err); o == httpapi.Done || o == httpapi.Refused || try == tries {
			return err
		}
		if err := retry.Pause(ctx, id, try); err != nil {
			return err
		}
	}
}

// insist makes a call until it is done: it cannot be refused. If it is all the
// same, that is a mistake in the participant, and somebody has to look.
func (e *Engine) insist(ctx context.Context, id, url string, body Body) error {
	for try := 1; ; try++ {
		err := e.call(ctx, id, url, body)
		if err == nil {
			return nil
		}
		slog.WarnContext(ctx, "call not done, trying again", "saga", id, "url", url, "try", try, "error", err)
		if err := retry.Pause(ctx, id, try); err != nil {
			return err
		}
	}
}

func (e *Engine) call(ctx context.Context, id, url string, body Body) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := httpapi.Post[Body](ctx, e.client, url, id, body)
	return err
}
