package choreography

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/places"
	"example.com/dtx/internal/sqlite"
)

// OutboxSchema makes a table, in a service's database, of the events that have not
// been delivered. An id is never used twice. Times are in milliseconds since 1970.
const OutboxSchema = `
CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, peer TEXT NOT NULL, event TEXT NOT NULL,
	saga TEXT NOT NULL, content TEXT NOT NULL, published INTEGER NOT NULL,
	parked TEXT NOT NULL DEFAULT '', due INTEGER NOT NULL DEFAULT 0) STRICT; -- parked: the refusal
CREATE INDEX by_peer ON outbox (peer, id);
`

const (
	maxPlaces   = 64 // events that are being delivered to one peer
	maxTries    = 4  // of one event, before it waits for the next pass
	callTimeout = time.Second
	passPause   = 5 * time.Second
	parkedPause = 10 * time.Minute // before a parked event is delivered again
	page        = 100              // events that are read at a time
)

// event is a row of the outbox.
type event struct {
	id               int64
	peer, name, saga string
	content          json.RawMessage
}

// publish puts events into the outbox, in the transaction of the effect: both
// are on the disk, or neither.
func publish(tx *sqlite.Tx, saga string, c Content, targets ...Target) (events []event, err error) {
	content, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	for _, t := range targets {
		e := event{saga: saga, content: content}
		e.name, e.peer, _ = strings.Cut(string(t), " to ")
		put, err := tx.Exec(
			"INSERT INTO outbox (peer, event, saga, content, published) VALUES (?, ?, ?, ?, ?)",
			e.peer, e.name, saga, string(content), time.Now().UnixMilli())
		if err != nil {
			return nil, err
		}
		if e.id, err = put.LastInsertId(); err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	return events, nil
}

// outbox delivers events, each until it is acknowledged or parked, in no particular
// order. Each peer has places of its own: one that is away keeps no events from the
// others.
type outbox struct {
	db     *sqlite.DB
	client *http.Client
	peers  map[string]*peer
}

type peer struct {
	name   string
	places *places.Places[event]
	wake   chan struct{} // holds one if there are events that got no place
}

func newOutbox(db *sqlite.DB, client *http.Client) *outbox {
	o := &outbox{db, client, map[string]*peer{}}
	for _, name := range []string{"order", "stock", "payment", "delivery"} {
		o.peers[name] = &peer{name, places.Make[event](maxPlaces, 0), make(chan struct{}, 1)}
	}
	return o
}

// update changes the database, and has what is published delivered.
func (o *outbox) update(ctx context.Context, fn func(*sqlite.Tx) ([]event, error)) error {
	var events []event
	err := o.db.Update(ctx, func(tx *sqlite.Tx) (err error) {
		events, err = fn(tx)
		return err
	})
	if err != nil {
		return err
	}
	for _, e := range events {
		o.peers[e.peer].deliver(ctx, e)
	}
	return nil
}

// deliver hands an event over. If there is no place, it is read from the outbox as
// soon as there is one.
func (p *peer) deliver(ctx context.Context, e event) {
	r, isNew, err := p.places.Begin(ctx, strconv.FormatInt(e.id, 10), places.New)
	switch {
	case err != nil:
		p.wakeUp()
	case isNew: // else it was read from the outbox meanwhile
		r.Set(e)
		r.Hand()
	}
}

func (p *peer) wakeUp() {
	select {
	case p.wake <- struct{}{}:
	default: // it is awake
	}
}

// run delivers events until ctx is done: those that are handed over, and those that
// an earlier process or run has left.
func (o *outbox) run(ctx context.Context) error {
	var wg sync.WaitGroup
	for _, p := range o.peers {
		wg.Go(func() { o.recover(ctx, p) })
		wg.Go(func() { p.places.Run(ctx, o.send) })
	}
	wg.Wait()
	return nil
}

// send sends an event until its receiver has acknowledged it, and then deletes it.
// That is not forced: if it is lost, the event is sent once more. An event that its
// receiver refuses is parked.
func (o *outbox) send(ctx context.Context, r *places.Run[event]) {
	e := r.Now()
	for try := 1; ; try++ {
		err := o.post(ctx, e)
		switch {
		case err == nil:
			err = o.change(ctx, "DELETE FROM outbox WHERE id = ?", e.id)
		case httpapi.Judged(err):
			problem, _ := errors.AsType[*httpapi.Problem](err)
			err = o.change(ctx, "UPDATE outbox SET parked = ?, due = ? WHERE id = ?",
				problem.Type, time.Now().Add(parkedPause).UnixMilli(), e.id)
		}
		if err == nil || try == maxTries || r.Pause(ctx, try) != nil {
			return
		}
	}
}

func (o *outbox) post(ctx context.Context, e event) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	url := "http://" + e.peer + "/" + e.name
	receipt, err := httpapi.Post[Receipt](ctx, o.client, url, e.saga, e.content)
	if err == nil && receipt.Saga != e.saga {
		return errors.New("the receipt is for " + receipt.Saga)
	}
	return err
}

func (o *outbox) change(ctx context.Context, update string, args ...any) error {
	return o.db.UpdateUnforced(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec(update, args...)
		return err
	})
}

// recover delivers what is in the outbox: at the start, and again and again.
func (o *outbox) recover(ctx context.Context, p *peer) {
	tick := time.Tick(passPause)
	for ctx.Err() == nil {
		if err := o.pass(ctx, p); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "outbox is read again later", "error", err)
		}
		select {
		case <-tick:
		case <-p.wake:
		case <-ctx.Done():
		}
	}
}

// pass has every event for a peer delivered, page by page. It waits for places.
func (o *outbox) pass(ctx context.Context, p *peer) error {
	for last := int64(0); ; {
		ids, err := o.due(ctx, p, last)
		for _, last = range ids {
			if err := o.takeUp(ctx, p, last); err != nil && ctx.Err() == nil {
				slog.ErrorContext(ctx, "event not taken up", "id", last, "error", err)
			}
		}
		if err != nil || len(ids) < page {
			return err
		}
	}
}

// takeUp has one event delivered, if no run does that, or has done it.
func (o *outbox) takeUp(ctx context.Context, p *peer, id int64) error {
	r, isNew, err := p.places.Begin(ctx, strconv.FormatInt(id, 10), places.Old)
	if err != nil || !isNew {
		return err
	}
	defer r.Drop()
	e := event{id: id, peer: p.name}
	err = o.db.View(ctx, func(tx *sqlite.Tx) error {
		row := tx.QueryRow("SELECT event, saga, content FROM outbox WHERE id = ?", id)
		return row.Scan(&e.name, &e.saga, (*[]byte)(&e.content))
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		r.Set(e)
		r.Hand()
	}
	return err
}

// due lists the events for a peer behind an id.
func (o *outbox) due(ctx context.Context, p *peer, last int64) ([]int64, error) {
	return sqlite.Collect(ctx, o.db, func(id *int64) []any { return []any{id} },
		"SELECT id FROM outbox WHERE peer = ? AND id > ? AND due <= ? ORDER BY id LIMIT ?",
		p.name, last, time.Now().UnixMilli(), page)
}
