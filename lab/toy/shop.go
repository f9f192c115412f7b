package toy

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
)

const shopSchema = `
CREATE TABLE orders (id TEXT PRIMARY KEY, customer TEXT NOT NULL, state TEXT NOT NULL) STRICT;
CREATE TABLE parked (id TEXT NOT NULL) STRICT`

const (
	price    = 500                    // cents
	patience = 500 * time.Millisecond // for the till's answer
	pause    = 200 * time.Millisecond // before an open order is taken up again
)

type shop struct {
	http.Handler
	db     *sqlite.DB
	client *http.Client
	flaw   Flaw
	note   string // part of its requests; empty if it has none
	room   int    // orders under way at the same time

	mu     sync.Mutex
	open   []string // orders that no goroutine is at work on
	again  []string // orders that were taken up again
	inside int      // orders under way

	first map[string]time.Time // when the background tried an order first
}

func newShop(
	db *sqlite.DB, client *http.Client, flaw Flaw, version string, room int,
) *shop {
	r := httpapi.NewRouter()
	s := &shop{
		Handler: r, db: db, client: client, flaw: flaw, room: room,
		first: map[string]time.Time{},
	}
	if version == fieldMore {
		s.note = version
	}
	r.Post("/orders", httpapi.Handle(s.post))
	return s
}

func (s *shop) post(w http.ResponseWriter, r *http.Request) (err error) {
	id, err := httpapi.Key(r)
	if err != nil {
		return err
	}
	wanted, err := httpapi.Decode[lab.Order](w, r)
	if err != nil {
		return err
	}
	if !s.enter() {
		return httpapi.Unavailable.With("too many orders are under way")
	}
	defer func() { s.leavePlace(err) }()
	err = s.db.Update(r.Context(), func(tx *sqlite.Tx) error {
		table := "orders (id, customer, state)"
		if s.flaw == ColumnsCounted {
			table = "orders"
		}
		insert := "INSERT INTO " + table + " VALUES (?, ?, 'open') ON CONFLICT DO NOTHING"
		_, err := tx.Exec(insert, id, wanted.Customer)
		return err
	})
	if err != nil {
		return err
	}
	if s.flaw == ErrorForEver && s.tookUp(id) {
		return errors.New("what became of it?")
	}
	if err := s.settle(r.Context(), id); err != nil {
		return s.answer(r.Context(), id, err)
	}
	return httpapi.WriteJSON(w, http.StatusCreated, struct{}{})
}

// answer is what the customer is told when an order is not done. If it may
// still be, it is left to the background.
func (s *shop) answer(ctx context.Context, id string, err error) error {
	if httpapi.OutcomeOf(err) == httpapi.Refused {
		return err
	}
	if s.flaw != NotFoundIsFinal || !says(err, "404") {
		s.leave(id)
	}
	if s.flaw == ParkedUnseen {
		return errors.Join(httpapi.OutcomeUnknown, s.park(ctx, id))
	}
	if s.flaw == TimeoutIsNo {
		return httpapi.InsufficientFunds
	}
	return httpapi.OutcomeUnknown
}

// settle has an order charged and writes down what came of it. That record is
// not forced: if it is lost, the till is asked again and answers the same.
func (s *shop) settle(ctx context.Context, id string) error {
	customer, state, err := s.read(ctx, id)
	switch {
	case err != nil || state == "done":
		return err
	case state == "refused":
		return httpapi.InsufficientFunds
	}
	c := charge{Customer: customer, Cents: price, Note: s.note}
	err = s.charge(ctx, id, c)
	if s.flaw == RefusalUnnoted && httpapi.OutcomeOf(err) == httpapi.Unknown {
		err = s.charge(ctx, id, c) // the customer still waits
	}
	switch httpapi.OutcomeOf(err) {
	case httpapi.Done:
		return s.end(ctx, id, "done", nil)
	case httpapi.Refused:
		if s.flaw == RefusalForgotten {
			return cmp.Or(s.forget(ctx, id), err)
		}
		return s.end(ctx, id, "refused", err)
	}
	return err
}

func (s *shop) end(ctx context.Context, id, state string, outcome error) error {
	pattern := id
	if s.flaw == PrefixIsIt && s.tookUp(id) {
		pattern += "%"
	}
	err := s.db.UpdateUnforced(ctx, func(tx *sqlite.Tx) error {
		const write = "UPDATE orders SET state = ? WHERE id LIKE ? AND state = 'open'"
		_, err := tx.Exec(write, state, pattern)
		return err
	})
	if err != nil {
		return s.notBegun(err)
	}
	return outcome
}

func (s *shop) read(ctx context.Context, id string) (customer, state string, err error) {
	err = s.db.View(ctx, func(tx *sqlite.Tx) error {
		row := tx.QueryRow("SELECT customer, state FROM orders WHERE id = ?", id)
		return row.Scan(&customer, &state)
	})
	return customer, state, err
}
