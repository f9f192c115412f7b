package messages

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"example.com/dtx/ch07-messages/broker"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/places"
	"example.com/dtx/internal/sqlite"
)

const (
	most       = 16 // messages that are fetched at a time
	laterPause = time.Second
	forgetting = time.Hour // between two passes
)

// consume fetches messages and reacts to them, until ctx is done.
func (s *Service) consume(ctx context.Context) {
	for try := 1; ctx.Err() == nil; try++ {
		list, err := s.broker.Fetch(ctx, s.name, most)
		if err != nil {
			slog.ErrorContext(ctx, "fetch again later", "error", err)
			_ = places.Pause(ctx, s.name, try) // an error means that ctx is done
			continue
		}
		try = 0
		var wg sync.WaitGroup
		for _, m := range list {
			wg.Go(func() { s.handle(ctx, m) })
		}
		wg.Wait()
	}
}

// handle reacts to a message. Several are handled at a time: those of one order follow
// from each other.
func (s *Service) handle(ctx context.Context, m broker.Message) {
	if err := s.receive(ctx, m); err != nil {
		slog.ErrorContext(ctx, "it comes again", "message", m.ID, "error", err)
	}
}

// receive reacts to a message, and then acknowledges it: the effect is on the disk
// first. A message that the service refuses is parked. One that fails comes again.
func (s *Service) receive(ctx context.Context, m broker.Message) error {
	e, err := decode(m)
	ctx = httpapi.WithWork(ctx, httpapi.Work{Op: m.Subject, Key: e.Order})
	if err == nil {
		err = s.apply(ctx, e)
	}
	if httpapi.OutcomeOf(err) == httpapi.Refused {
		refusal := err
		err = s.db.Update(ctx, func(tx *sqlite.Tx) error { return park(tx, m, refusal) })
	}
	if err != nil {
		_ = s.broker.Later(ctx, e.Order, m, laterPause) // else it comes after the AckWait
		return err
	}
	return s.broker.Ack(ctx, e.Order, m)
}

// apply reacts to a new event.
func (s *Service) apply(ctx context.Context, e Event) error {
	err := s.db.Update(ctx, func(tx *sqlite.Tx) error { return s.react(tx, e) })
	if err == nil {
		s.relay.wakeUp()
		s.reacted(e.Order)
	}
	return err
}

// react has the effect, the note in the inbox and the events that follow in one
// transaction.
func (s *Service) react(tx *sqlite.Tx, e Event) error {
	reaction := s.reactions[e.Name]
	if reaction == nil {
		return httpapi.NotFound.With("no reaction to %s", e.Name)
	}
	isNew, err := remember(tx, e.ID())
	if err != nil || !isNew {
		return err
	}
	next, err := reaction(tx, e.Order, &e.Content)
	if err != nil {
		return err
	}
	return put(tx, e.Order, e.Content, next...)
}

// forget removes old notes from the inbox, until ctx is done.
func (s *Service) forget(ctx context.Context) {
	tick := time.NewTicker(forgetting)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			return // the end wins over a tick
		}
		if err := s.db.UpdateUnforced(ctx, forget); err != nil {
			slog.ErrorContext(ctx, "the inbox is not shortened", "error", err)
		}
	}
}
