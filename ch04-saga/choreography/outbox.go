package choreography

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"example.com/dtx/ch04-saga/retry"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// OutboxSchema makes, in a service's database, the place of the events that have
// not been delivered yet. An id is never used twice.
const OutboxSchema = `
CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, peer TEXT NOT NULL, event TEXT NOT NULL,
	saga TEXT NOT NULL, news TEXT NOT NULL) STRICT;
`

const (
	maxFlying   = 500 // events being delivered at the same time to one peer: who is away keeps none from the others
	callTimeout = time.Second
	lookAgain   = 10 * time.Second // into the database, for what nobody delivers
)

// letter is an event on its way.
type letter struct {
	id                int64
	peer, event, saga string
	news              json.RawMessage // as it is in the database
	ctx               context.Context // has the values of the request that led to it
}

// publish puts events into the outbox, in the transaction of the effect: both
// are on the disk, or neither.
func publish(tx *sqlite.Tx, saga string, n News, to ...Address) (letters []letter, err error) {
	news, err := json.Marshal(n)
	if err != nil {
		return nil, err
	}
	for _, a := range to {
		put, err := tx.Exec("INSERT INTO outbox (peer, event, saga, news) VALUES (?, ?, ?, ?)", a.Peer, a.Event, saga, string(news))
		if err != nil {
			return nil, err
		}
		l := letter{peer: a.Peer, event: a.Event, saga: saga, news: news}
		if l.id, err = put.LastInsertId(); err != nil {
			return nil, err
		}
		letters = append(letters, l)
	}
	return letters, nil
}

// outbox delivers events, each until it is acknowledged, in no particular order.
type outbox struct {
	db     *sqlite.DB
	client *http.Client
	wake   chan struct{} // something has been handed over
	over   chan struct{} // closed when run has ended

	mu     sync.Mutex
	handed []letter
	flying map[string]map[int64]bool // handed over, or being delivered, by peer
}

func newOutbox(db *sqlite.DB, client *http.Client) *outbox {
	return &outbox{db: db, client: client, wake: make(chan struct{}, 1), over: make(chan struct{}), flying: map[string]map[int64]bool{}}
}

// update changes the database, and hands over what is published.
func (o *outbox) update(ctx context.Context, fn func(*sqlite.Tx) ([]letter, error)) error {
	var letters []letter
	err := o.db.Update(ctx, func(tx *sqlite.Tx) (err error) {
		letters, err = fn(tx)
		return err
	})
	if err == nil {
		o.hand(context.WithoutCancel(ctx), letters)
	}
	return err
}

// hand has letters delivered, unless they are already. Those for which there is
// no room wait in the database.
func (o *outbox) hand(ctx context.Context, letters []letter) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range letters {
		flying := o.flying[l.peer]
		if flying == nil {
			flying = map[int64]bool{}
			o.flying[l.peer] = flying
		}
		if len(flying) < maxFlying && !flying[l.id] {
			l.ctx = ctx
			flying[l.id], o.handed = true, append(o.handed, l)
		}
	}
	select {
	case o.wake <- struct{}{}:
	default: // it is awake
	}
}

func (o *outbox) take() []letter {
	o.mu.Lock()
	defer o.mu.Unlock()
	letters := o.handed
	o.handed = nil
	return letters
}

func (o *outbox) landed(l letter) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.flying[l.peer], l.id)
}

// run delivers what is handed over, and what the process before this one has
// left.
func (o *outbox) run(ctx context.Context) error {
	defer close(o.over)
	var all sync.WaitGroup
	defer all.Wait()
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	o.look(ctx)
	for {
		select {
		case <-o.wake:
		case <-tick.C:
			o.look(ctx)
		case <-ctx.Done():
			return nil
		}
		for _, l := range o.take() {
			all.Go(func() { o.deliver(ctx, l) })
		}
	}
}

// look hands over what the database holds.
func (o *outbox) look(ctx context.Context) {
	letters, err := o.unsent(ctx)
	if err != nil && ctx.Err() == nil {
		slog.ErrorContext(ctx, "outbox is read again later", "error", err)
	}
	o.hand(ctx, letters)
}

// deliver sends an event until its receiver has acknowledged it, and then
// forgets it. That is not forced: should it get lost, the event goes out again.
func (o *outbox) deliver(life context.Context, l letter) {
	defer o.landed(l)
	ctx, cancel := context.WithCancel(l.ctx)
	defer cancel()
	defer context.AfterFunc(life, cancel)()
	for try := 1; ; try++ {
		err := o.send(ctx, l)
		if err == nil {
			err = o.forget(ctx, l)
		}
		if err == nil {
			return
		}
		slog.WarnContext(ctx, "event not delivered, trying again", "saga", l.saga, "event", l.event, "to", l.peer, "try", try, "error", err)
		if retry.Pause(ctx, l.saga, try) != nil {
			return
		}
	}
}

func (o *outbox) forget(ctx context.Context, l letter) error {
	return o.db.UpdateUnforced(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec("DELETE FROM outbox WHERE id = ?", l.id)
		return err
	})
}

func (o *outbox) send(ctx context.Context, l letter) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := httpapi.Post[struct{}](ctx, o.client, "http://"+l.peer+"/"+l.event, l.saga, l.news)
	return err
}

// unsent reads the oldest events that the database holds for each peer.
func (o *outbox) unsent(ctx context.Context) (list []letter, err error) {
	err = o.db.View(ctx, func(tx *sqlite.Tx) error {
		rows, err := tx.Query(`SELECT id, peer, event, saga, news FROM
			(SELECT *, row_number() OVER (PARTITION BY peer ORDER BY id) AS place FROM outbox) WHERE place <= ? ORDER BY id`, maxFlying)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var l letter
			if err := rows.Scan(&l.id, &l.peer, &l.event, &l.saga, (*[]byte)(&l.news)); err != nil {
				return err
			}
			list = append(list, l)
		}
		return rows.Err()
	})
	return list, err
}
