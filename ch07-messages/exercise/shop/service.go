package shop

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"example.com/dtx/ch07-messages/broker"
	"example.com/dtx/ch07-messages/messages"
	"example.com/dtx/ch07-messages/order"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/places"
	"example.com/dtx/internal/sqlite"
)

const (
	most       = 16 // messages that are fetched at a time
	passPause  = 20 * time.Second
	laterPause = time.Second
)

// Part is what a student plugs into a service. Where it is nil, the chapter's own code runs.
type Part struct {
	Place   func(context.Context, *Service, order.Order) error
	Relay   func(context.Context, *Service) error
	Receive func(context.Context, *Service, broker.Message) error
}

// Service is order or delivery, whose messages go over the broker.
type Service struct {
	http.Handler
	name   string
	db     *sqlite.DB
	broker broker.Client
	theirs *messages.Service
	part   Part
	wake   chan struct{} // holds one if events were written
}

// New returns a service of that name on its database.
func New(name string, db *sqlite.DB, client *http.Client, part Part) *Service {
	router, b := httpapi.NewRouter(), broker.Client{HTTP: client}
	theirs := messages.New(name, db, b, map[string]messages.Reaction{placed: deliver},
		func(string) {})
	s := &Service{router, name, db, b, theirs, part, make(chan struct{}, 1)}
	router.Post("/orders", httpapi.Handle(s.post))
	return s
}

// Run relays and receives until ctx is done.
func (s *Service) Run(ctx context.Context) error {
	switch {
	case s.part.Relay != nil:
		s.relay(ctx)
	case s.part.Receive != nil:
		s.consume(ctx)
	default:
		return s.theirs.Run(ctx)
	}
	return nil
}

// post takes an order, and has its event published.
func (s *Service) post(w http.ResponseWriter, r *http.Request) error {
	o, err := order.Read(w, r)
	if err != nil {
		return err
	}
	place := s.part.Place
	if place == nil {
		place = chapters
	}
	if err := place(r.Context(), s, o); err != nil {
		return err
	}
	s.theirs.Published()
	select {
	case s.wake <- struct{}{}:
	default: // the relay is awake
	}
	o.State = order.Confirmed
	return o.Answer(w)
}

// chapters places an order as the chapter does.
func chapters(ctx context.Context, s *Service, o order.Order) error {
	return s.Update(ctx, func(b *Book) error {
		if !b.Save(o) {
			return nil
		}
		return s.theirs.Publish(b.tx, o.ID, content(o), placed)
	})
}

// relay has the student publish what is in the outbox.
func (s *Service) relay(ctx context.Context) {
	tick := time.NewTicker(passPause)
	defer tick.Stop()
	for try := 1; ctx.Err() == nil; try++ {
		if err := s.part.Relay(ctx, s); err != nil {
			slog.ErrorContext(ctx, "relay again later", "error", err)
			_ = places.Pause(ctx, s.name, try) // an error means that ctx is done
			continue
		}
		try = 0
		select {
		case <-s.wake:
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// consume has the student receive messages, one after the other.
func (s *Service) consume(ctx context.Context) {
	for try := 1; ctx.Err() == nil; try++ {
		list, err := s.broker.Fetch(ctx, s.name, most)
		if err != nil {
			slog.ErrorContext(ctx, "fetch again later", "error", err)
			_ = places.Pause(ctx, s.name, try) // an error means that ctx is done
			continue
		}
		try = 0
		for _, m := range list {
			s.receive(ctx, m)
		}
	}
}

// receive has the student receive a message. After an error it comes again.
func (s *Service) receive(ctx context.Context, m broker.Message) {
	e, _ := read(m) // what cannot be read is about no order
	ctx = httpapi.WithWork(ctx, httpapi.Work{Op: m.Subject, Key: e.Order})
	if err := s.part.Receive(ctx, s, m); err != nil {
		slog.ErrorContext(ctx, "it comes again", "message", m.ID, "error", err)
		_ = s.broker.Later(ctx, e.Order, m, laterPause) // else it comes after the AckWait
	}
}

// Update runs a function in one transaction, which is on the disk when Update returns
// nil. After an error the transaction is rolled back, or the process is about to end.
func (s *Service) Update(ctx context.Context, do func(*Book) error) error {
	return update(ctx, s.db, do)
}

// Unsent returns what is in the outbox, the oldest first.
func (s *Service) Unsent(ctx context.Context) ([]Event, error) {
	return sqlite.Collect(ctx, s.db, func(e *Event) []any {
		return []any{&e.ID, &e.Order, &e.Body}
	}, "SELECT id, saga, body FROM outbox ORDER BY number")
}

// Publish has the broker store an event. After an error it may be stored, or not.
func (s *Service) Publish(ctx context.Context, e Event) error {
	ctx = httpapi.WithWork(ctx, httpapi.Work{Op: "publish", Key: e.Order})
	_, err := s.broker.Publish(ctx, placed, e.ID, e.Order, []byte(e.Body))
	return err
}

// Delete removes an event from the outbox. A power cut may undo it.
func (s *Service) Delete(ctx context.Context, e Event) error {
	ctx = httpapi.WithWork(ctx, httpapi.Work{Op: "publish", Key: e.Order})
	return s.db.UpdateUnforced(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec("DELETE FROM outbox WHERE id = ?", e.ID)
		return err
	})
}

// Ack tells the broker not to deliver a message again.
func (s *Service) Ack(ctx context.Context, m broker.Message) error {
	e, _ := read(m)
	return s.broker.Ack(ctx, e.Order, m)
}
