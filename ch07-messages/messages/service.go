package messages

import (
	"context"
	"sync"

	"github.com/go-chi/chi/v5"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the tables of a service that publishes and consumes.
const Schema = OutboxSchema + InboxSchema

// Service publishes the events of its outbox, and reacts to those of others. For the
// operator it lists what is not published, and what is parked.
type Service struct {
	name      string
	db        *sqlite.DB
	broker    Broker
	relay     *relay
	reactions map[string]Reaction
	reacted   func(saga string) // a reaction is on the disk
}

// New returns a service. It calls reacted when a reaction to an event is on the disk.
func New(
	name string, db *sqlite.DB, b Broker, reactions map[string]Reaction,
	reacted func(saga string),
) *Service {
	return &Service{name, db, b, newRelay(name, db, b), reactions, reacted}
}

// Run publishes and consumes until ctx is done.
func (s *Service) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() { s.relay.run(ctx) })
	wg.Go(func() { s.consume(ctx) })
	wg.Go(func() { s.forget(ctx) })
	wg.Wait()
	return nil
}

// Publish writes events into the outbox in the transaction of their effect. Call
// Published when that is committed.
func (s *Service) Publish(tx *sqlite.Tx, saga string, c Content, names ...string) error {
	return put(tx, saga, c, names...)
}

// Published has what was written into the outbox published at once.
func (s *Service) Published() { s.relay.wakeUp() }

// Route adds what an operator asks for.
func (s *Service) Route(r chi.Router) {
	r.Get("/outbox", httpapi.Handle(s.listOutbox))
	r.Post("/outbox/{id}/release", httpapi.Handle(s.republish))
	r.Get("/parked", httpapi.Handle(s.listParked))
	r.Post("/parked/{id}/release", httpapi.Handle(s.release))
}
