package messages

import (
	"time"

	"example.com/dtx/ch07-messages/broker"
	"example.com/dtx/internal/sqlite"
)

// InboxSchema makes a table, in a service's database, of the events that have had their
// effect, and one of those that the service has refused.
const InboxSchema = `
CREATE TABLE inbox (id TEXT PRIMARY KEY, came INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX by_age ON inbox (came);
CREATE TABLE parked (id TEXT PRIMARY KEY, subject TEXT NOT NULL, body TEXT NOT NULL,
	refusal TEXT NOT NULL, came INTEGER NOT NULL) STRICT;
`

// memory is how long an event is remembered: longer than a relay or the broker can be
// away and then repeat it.
const memory = 30 * 24 * time.Hour

// remember notes that an event has come. It returns false if it has come before. The
// note and the effect are one transaction: neither is there without the other.
func remember(tx *sqlite.Tx, id string) (isNew bool, err error) {
	done, err := tx.Exec("INSERT INTO inbox VALUES (?, ?) ON CONFLICT DO NOTHING",
		id, time.Now().UnixMilli())
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n == 1, err
}

// forget removes what cannot be delivered again any more.
func forget(tx *sqlite.Tx) error {
	_, err := tx.Exec("DELETE FROM inbox WHERE came < ?", time.Now().Add(-memory).UnixMilli())
	return err
}

// park sets an event aside that the service refuses: it would be refused each time.
func park(tx *sqlite.Tx, m broker.Message, refusal error) error {
	_, err := tx.Exec("INSERT INTO parked VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		m.ID, m.Subject, m.Body, refusal.Error(), time.Now().UnixMilli())
	return err
}
