package messages

import (
	"time"

	"github.com/go-json-experiment/json"

	"example.com/dtx/internal/sqlite"
)

// OutboxSchema makes a table, in a service's database, of the events that are not
// published yet. Times are in milliseconds since 1970.
const OutboxSchema = `
CREATE TABLE outbox (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL,
	subject TEXT NOT NULL, saga TEXT NOT NULL, body TEXT NOT NULL, written INTEGER NOT NULL,
	refusal TEXT NOT NULL DEFAULT '') STRICT; -- the broker's, of an event that is set aside
`

// entry is a row of the outbox.
type entry struct {
	number            int64
	id, subject, saga string
	body              []byte
}

// put writes events into the outbox, in the transaction of the effect: both are on the
// disk, or neither.
func put(tx *sqlite.Tx, saga string, c Content, names ...string) error {
	for _, name := range names {
		e := Event{name, saga, c}
		body, err := json.Marshal(e)
		if err != nil {
			return err
		}
		_, err = tx.Exec(
			"INSERT INTO outbox (id, subject, saga, body, written) VALUES (?, ?, ?, ?, ?)",
			e.ID(), name, saga, string(body), time.Now().UnixMilli())
		if err != nil {
			return err
		}
	}
	return nil
}
