package choreography

import (
	"net/http"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// This file is for the operator: what is not delivered, and what is parked.

const maxListed = 100

// Entry is an event on an operator's list.
type Entry struct {
	ID     string       `json:"id"` // the saga's id
	Event  string       `json:"event"`
	Peer   string       `json:"peer"`
	Age    int64        `json:"age"`             // seconds
	Parked httpapi.Kind `json:"parked,omitzero"` // the refusal
}

// serve answers with events of the outbox, the oldest first.
func (o *outbox) serve(condition string) http.HandlerFunc {
	return httpapi.Answer(func(r *http.Request) ([]Entry, error) {
		return sqlite.Collect(r.Context(), o.db, func(e *Entry) []any {
			return []any{&e.ID, &e.Event, &e.Peer, &e.Age, &e.Parked}
		}, "SELECT saga, event, peer, (? - published) / 1000, parked FROM outbox "+
			condition+" ORDER BY id LIMIT ?", time.Now().UnixMilli(), maxListed)
	})
}

// release has the parked events of a saga delivered again at once.
func (o *outbox) release(w http.ResponseWriter, r *http.Request) error {
	id := httpapi.Param(r, "id")
	err := o.db.Update(r.Context(), func(tx *sqlite.Tx) error {
		done, err := tx.Exec(
			"UPDATE outbox SET parked = '', due = 0 WHERE saga = ? AND parked <> ''", id)
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		if err == nil && n == 0 {
			return httpapi.NotFound.With("%s is not parked", id)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range o.peers {
		p.wakeUp()
	}
	return httpapi.WriteJSON(w, http.StatusOK, struct{}{})
}
