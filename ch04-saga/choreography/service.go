package choreography

import (
	"context"
	"net/http"

	"github.com/go-chi/chi/v5"

	"example.com/dtx/ch04-saga/participant"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Service reacts to events. The Idempotency-Key of an event is the saga's id.
type Service struct {
	http.Handler
	outbox  *outbox
	reacted func(saga string) // is called when a reaction is on the disk
}

func newService(db *sqlite.DB, client *http.Client, rules participant.Rules, reactions map[string]Reaction) *Service {
	router := httpapi.NewRouter()
	s := &Service{router, newOutbox(db, client), func(string) {}}
	s.reactTo(router, reactions)
	router.Get("/"+rules.List, httpapi.Handle(participant.List(db)))
	return s
}

func (s *Service) reactTo(router chi.Router, reactions map[string]Reaction) {
	for event, react := range reactions {
		router.Post("/"+event, httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error { return s.event(w, r, react) }))
	}
}

// Run delivers the service's own events until ctx is done.
func (s *Service) Run(ctx context.Context) error { return s.outbox.run(ctx) }

// event takes delivery of an event. The answer says that it need not come
// again: the reaction, and what follows from it, is on the disk.
func (s *Service) event(w http.ResponseWriter, r *http.Request, react Reaction) error {
	saga, err := httpapi.Key(r)
	if err != nil {
		return err
	}
	news, err := httpapi.Decode[News](w, r)
	if err != nil {
		return err
	}
	err = s.outbox.update(r.Context(), func(tx *sqlite.Tx) ([]letter, error) {
		next, err := react(tx, saga, &news)
		if err != nil {
			return nil, err
		}
		return publish(tx, saga, news, next...)
	})
	if err != nil {
		return err
	}
	s.reacted(saga)
	return httpapi.WriteJSON(w, http.StatusOK, struct{}{})
}
