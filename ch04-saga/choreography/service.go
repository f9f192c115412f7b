package choreography

import (
	"context"
	"net/http"

	"github.com/go-chi/chi/v5"

	"example.com/dtx/ch04-saga/participant"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/jsonview"
	"example.com/dtx/internal/sqlite"
)

// Service reacts to events. The Idempotency-Key of an event is the saga's id. For
// the operator it lists the events that are not delivered, and those that are parked.
type Service struct {
	http.Handler
	outbox  *outbox
	reacted func(saga string) // callback for when a reaction is on the disk
}

func newService(
	db *sqlite.DB, client *http.Client, rules participant.Rules, reactions map[string]Reaction,
) *Service {
	router := httpapi.NewRouter()
	s := &Service{router, newOutbox(db, client), func(string) {}}
	s.route(router, reactions)
	router.Get("/"+rules.List, jsonview.Handler(db, participant.Accounts))
	return s
}

func (s *Service) route(router chi.Router, reactions map[string]Reaction) {
	for event, react := range reactions {
		router.Post("/"+event, httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
			return s.receive(w, r, react)
		}))
	}
	router.Get("/outbox", s.outbox.serve(""))
	router.Get("/parked", s.outbox.serve("WHERE parked <> ''"))
	router.Post("/parked/{id}/release", httpapi.Handle(s.outbox.release))
}

// Run delivers the service's own events until ctx is done.
func (s *Service) Run(ctx context.Context) error { return s.outbox.run(ctx) }

// receive takes delivery of an event. The answer says that it need not come again:
// the reaction, and the events that follow from it, are on the disk.
func (s *Service) receive(w http.ResponseWriter, r *http.Request, react Reaction) error {
	saga, err := httpapi.Key(r)
	if err != nil {
		return err
	}
	content, err := httpapi.Decode[Content](w, r)
	if err != nil {
		return err
	}
	if err := content.validate(); err != nil {
		return err
	}
	err = s.outbox.update(r.Context(), func(tx *sqlite.Tx) ([]event, error) {
		next, err := react(tx, saga, &content)
		if err != nil {
			return nil, err
		}
		return publish(tx, saga, content, next...)
	})
	if err != nil {
		return err
	}
	s.reacted(saga)
	return httpapi.WriteJSON(w, http.StatusOK, Receipt{saga})
}
