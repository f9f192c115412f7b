package pgoutbox

import (
	"context"
	"database/sql"
	"time"
)

// Relay is a way to find the events that are to be sent.
type Relay struct {
	Name  string
	query string // $1 and $2 are the xid and the id of the last event that was sent
	// gapless has the relay stop where an id is missing.
	gapless bool
}

// Relays are the ways to find events: two that fail, and two that do not.
func Relays() []Relay { return []Relay{ByID(), WithoutGap(), ByTransaction(), Deleting()} }

// ByID sends what has a larger id than the last event. It skips what commits later.
func ByID() Relay {
	return Relay{Name: "id > last", query: `SELECT xid::text, id, body FROM pgoutbox
		WHERE $1 <> '' AND id > $2 ORDER BY id`}
}

// WithoutGap is ByID that waits for each missing id. It waits for ever after a rollback.
func WithoutGap() Relay {
	r := ByID()
	r.Name, r.gapless = "id = last + 1", true
	return r
}

// ByTransaction sends in the order of transactions, and only what is older than every
// transaction that is still open: nothing older can come any more.
//
// https://www.postgresql.org/docs/current/functions-info.html, "Transaction ID and
// Snapshot Information Functions"
func ByTransaction() Relay {
	return Relay{Name: "older than every open transaction", query: `
		SELECT xid::text, id, body FROM pgoutbox
		WHERE (xid, id) > ($1::text::xid8, $2) AND xid < pg_snapshot_xmin(pg_current_snapshot())
		ORDER BY xid, id`}
}

// Deleting remembers no place: what is there has not been sent. It is for one relay, and
// sends events in the order in which they become visible.
func Deleting() Relay {
	return Relay{Name: "delete and send", query: `WITH sent AS (DELETE FROM pgoutbox
			WHERE $1 <> '' AND $2 >= 0 RETURNING xid, id, body)
		SELECT xid::text, id, body FROM sent ORDER BY id`}
}

// Run is a relay at work, with its place in the outbox.
type Run struct {
	Relay
	db  *sql.DB
	xid string
	id  int64
}

// NewRun returns a relay that has sent nothing yet.
func NewRun(db *sql.DB, r Relay) *Run { return &Run{Relay: r, db: db, xid: "0"} }

// Poll sends what the relay finds, once, and returns it.
func (r *Run) Poll(ctx context.Context) (sent []string, err error) {
	rows, err := r.db.QueryContext(ctx, r.query, r.xid, r.id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var xid, body string
		var id int64
		if err := rows.Scan(&xid, &id, &body); err != nil {
			return nil, err
		}
		if r.gapless && id != r.id+1 {
			break
		}
		r.xid, r.id, sent = xid, id, append(sent, body)
	}
	return sent, rows.Err()
}

// PollSettled polls when every transaction that wrote to the outbox has ended, and so
// has every older one on the server, such as one of the server's own.
func (r *Run) PollSettled(ctx context.Context) ([]string, error) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		var waiting bool
		err := r.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT FROM pgoutbox
			WHERE xid >= pg_snapshot_xmin(pg_current_snapshot()))`).Scan(&waiting)
		if err != nil {
			return nil, err
		}
		if !waiting {
			return r.Poll(ctx)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
