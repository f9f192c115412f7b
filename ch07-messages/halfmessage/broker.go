package halfmessage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the broker's database. A message is open until it is published or
// rolled back; then its row says that the ID is used up.
const Schema = `
CREATE TABLE messages (id TEXT PRIMARY KEY, producer TEXT NOT NULL, subject TEXT NOT NULL,
	body TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'unknown',
	due INTEGER NOT NULL, open INTEGER NOT NULL DEFAULT 1) STRICT;
CREATE INDEX open ON messages (due) WHERE open;
`

// Publish makes a message visible to its consumers. It returns nil when the message is
// safe there. It may be called twice for one ID.
type Publish func(ctx context.Context, subject, id, body string) error

// Broker keeps half messages until it knows how their local transactions ended.
type Broker struct {
	http.Handler
	db      *sqlite.DB
	client  *http.Client
	publish Publish
	decided chan struct{}
}

// New returns a broker on its database. The client finds producers under their names.
func New(db *sqlite.DB, client *http.Client, publish Publish) *Broker {
	r := httpapi.NewRouter()
	b := &Broker{r, db, client, publish, make(chan struct{}, 1)}
	r.Post("/half", httpapi.Handle(b.half))
	r.Post("/commit", b.told(Committed))
	r.Post("/rollback", b.told(RolledBack))
	return b
}

// half stores a half message. To store it again changes nothing.
func (b *Broker) half(w http.ResponseWriter, r *http.Request) error {
	id, err := httpapi.Key(r)
	if err != nil {
		return err
	}
	m, err := httpapi.Decode[Message](w, r)
	if err != nil {
		return err
	}
	err = b.db.Update(r.Context(), func(tx *sqlite.Tx) error {
		_, err := tx.Exec(`INSERT INTO messages (id, producer, subject, body, due)
			VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			id, m.Producer, m.Subject, m.Body, time.Now().Add(silence).UnixMilli())
		if err != nil {
			return err
		}
		var was Message
		err = tx.QueryRow("SELECT producer, subject, body FROM messages WHERE id = ?", id).
			Scan(&was.Producer, &was.Subject, &was.Body)
		if err == nil && was != m {
			return httpapi.KeyReused.With("%s is another message", id)
		}
		return err
	})
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, Answer{ID: id})
}

// told returns a handler for a producer that tells how its local transaction ended.
func (b *Broker) told(state State) http.HandlerFunc {
	return httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
		id, err := httpapi.Key(r)
		if err == nil {
			err = b.decide(r.Context(), id, state)
		}
		if err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, Answer{id, state})
	})
}

// decide records how a local transaction ended. The first word is final; an error says
// that the producer contradicts itself.
func (b *Broker) decide(ctx context.Context, id string, state State) error {
	err := b.db.Update(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec(`UPDATE messages SET state = ?2, open = ?2 = 'committed', due = 0
			WHERE id = ?1 AND state = 'unknown'`, id, state)
		if err != nil {
			return err
		}
		var now State
		err = tx.QueryRow("SELECT state FROM messages WHERE id = ?", id).Scan(&now)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return httpapi.NotFound.With("no message %s", id)
		case err == nil && now != state:
			return fmt.Errorf("%s is %s, and cannot be %s", id, now, state)
		}
		return err
	})
	if err != nil {
		return err
	}
	select {
	case b.decided <- struct{}{}:
	default: // Run has not taken the last word yet, and will see this one, too
	}
	return nil
}
