package shop

import (
	"context"
	"database/sql"
	"errors"
	"net/http"

	"example.com/dtx/ch05-2pc/order"
	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/places"
	"example.com/dtx/internal/sqlite"
)

// post takes an order. It goes on also if the customer hangs up.
func (c *Coordinator) post(w http.ResponseWriter, r *http.Request) error {
	id, err := httpapi.Key(r)
	if err != nil {
		return err
	}
	wanted, err := httpapi.Decode[order.Request](w, r)
	if err != nil {
		return err
	}
	select {
	case <-c.ready:
	case <-r.Context().Done():
		return httpapi.Unavailable.With("still starting")
	}
	if !c.enter(id) {
		return httpapi.InFlight.With("%s is in hand", id)
	}
	defer c.leave(id)
	o, err := c.place(context.WithoutCancel(r.Context()), order.Order{ID: id, Request: wanted})
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusCreated, o)
}

func (c *Coordinator) enter(order string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.orders[order] {
		return false
	}
	c.orders[order] = true
	return true
}

func (c *Coordinator) leave(order string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.orders, order)
}

// place carries an order out, or says again what became of it.
func (c *Coordinator) place(ctx context.Context, o order.Order) (order.Order, error) {
	known, err := c.find(ctx, &o)
	if known || err != nil {
		return o, err
	}
	for try := 1; ; try++ {
		err := c.attempt(ctx, o)
		problem, ok := errors.AsType[*httpapi.Problem](err)
		switch {
		case err == nil || errors.Is(err, sqlite.ErrUnknown):
			return o, err
		case ok && problem.Outcome() == httpapi.Refused:
			return o, c.refuse(ctx, o, problem)
		case try == attempts || places.Pause(ctx, o.ID, try) != nil:
			return o, httpapi.Unavailable.With("a vote is missing: %v", err)
		}
	}
}

// attempts is how many transactions there are for an order, for want of votes.
const attempts = 3

func (c *Coordinator) attempt(ctx context.Context, o order.Order) error {
	return c.commit(ctx, o.ID, []branch{
		{"stock", participant.Wanted{Order: o.ID, Name: o.Item, Amount: o.Quantity}},
		{"payment", participant.Wanted{Order: o.ID, Name: o.Customer, Amount: o.Cents}},
		{"delivery", participant.Wanted{Order: o.ID, Name: o.Slot, Amount: 1}},
	}, func(tx *sqlite.Tx) error { return insert(tx, o, "") })
}

// refuse writes a refusal down before it is told.
func (c *Coordinator) refuse(ctx context.Context, o order.Order, why *httpapi.Problem) error {
	if err := c.db.Update(ctx, func(tx *sqlite.Tx) error { return insert(tx, o, why.Type) }); err != nil {
		return err
	}
	return why
}

func insert(tx *sqlite.Tx, o order.Order, refused httpapi.Kind) error {
	_, err := tx.Exec("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, '')", o.ID, o.Customer, o.Item, o.Quantity, o.Slot, o.Cents, string(refused))
	return err
}

// find looks for an order that is decided, and else for its price.
func (c *Coordinator) find(ctx context.Context, o *order.Order) (known bool, err error) {
	var refused httpapi.Kind
	err = c.db.View(ctx, func(tx *sqlite.Tx) error {
		err := tx.QueryRow("SELECT cents, refused FROM orders WHERE id = ?", o.ID).Scan(&o.Cents, &refused)
		if known = err == nil; !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		var each int64
		err = tx.QueryRow("SELECT cents FROM prices WHERE item = ?", o.Item).Scan(&each)
		o.Cents = each * o.Quantity
		return err
	})
	if err == nil && refused != "" {
		err = refused.With("%s", o.ID)
	}
	return known, err
}
