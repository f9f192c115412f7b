package messages

import (
	"database/sql"
	"errors"
	"net/http"
	"time"

	"example.com/dtx/ch07-messages/broker"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

const maxListed = 100

// Listed is what an operator sees of a table.
type Listed struct {
	Count  int     `json:"count"` // all events in it
	Oldest []Entry `json:"oldest"`
}

// Entry is an event on an operator's list.
type Entry struct {
	ID      string `json:"id"`
	Age     int64  `json:"age"`              // seconds
	Refusal string `json:"refusal,omitzero"` // reason for which it is set aside
}

// listOutbox answers with what is not published, the oldest first.
func (s *Service) listOutbox(w http.ResponseWriter, r *http.Request) error {
	return s.list(w, r,
		`SELECT count(*) OVER (), id, (? - written) / 1000, refusal FROM outbox
			ORDER BY number LIMIT ?`)
}

// listParked answers with what the service has refused, the oldest first.
func (s *Service) listParked(w http.ResponseWriter, r *http.Request) error {
	return s.list(w, r,
		`SELECT count(*) OVER (), id, (? - came) / 1000, refusal FROM parked
			ORDER BY came LIMIT ?`)
}

func (s *Service) list(w http.ResponseWriter, r *http.Request, query string) error {
	var l Listed
	var err error
	l.Oldest, err = sqlite.Collect(r.Context(), s.db, func(e *Entry) []any {
		return []any{&l.Count, &e.ID, &e.Age, &e.Refusal}
	}, query, time.Now().UnixMilli(), maxListed)
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, l)
}

// republish publishes an event again that the broker has refused.
func (s *Service) republish(w http.ResponseWriter, r *http.Request) error {
	id := httpapi.Param(r, "id")
	err := s.db.Update(r.Context(), func(tx *sqlite.Tx) error {
		done, err := tx.Exec("UPDATE outbox SET refusal = '' WHERE id = ? AND refusal <> ''", id)
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		if err == nil && n == 0 {
			err = httpapi.NotFound.With("%s is not set aside", id)
		}
		return err
	})
	if err != nil {
		return err
	}
	s.relay.wakeUp()
	return httpapi.WriteJSON(w, http.StatusOK, struct{}{})
}

// release reacts to a parked event once more. If it is refused again, it stays parked.
func (s *Service) release(w http.ResponseWriter, r *http.Request) error {
	id := httpapi.Param(r, "id")
	err := s.db.Update(r.Context(), func(tx *sqlite.Tx) error {
		m := broker.Message{ID: id}
		row := tx.QueryRow("DELETE FROM parked WHERE id = ? RETURNING subject, body", id)
		err := row.Scan(&m.Subject, &m.Body)
		if errors.Is(err, sql.ErrNoRows) {
			return httpapi.NotFound.With("%s is not parked", id)
		}
		if err != nil {
			return err
		}
		e, err := decode(m)
		if err != nil {
			return err
		}
		return s.react(tx, e)
	})
	if err != nil {
		return err
	}
	s.relay.wakeUp()
	return httpapi.WriteJSON(w, http.StatusOK, struct{}{})
}
