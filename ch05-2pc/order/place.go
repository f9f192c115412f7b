package order

import (
	"context"
	"database/sql"
	"errors"
	"math"

	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// place carries out an order, or says again what became of it. A look-up needs no
// place among the orders under way.
func (s *Service) place(ctx context.Context, o Order) (Order, error) {
	var first known
	err := s.db.View(ctx, func(tx *sqlite.Tx) (err error) {
		if first, err = find(tx, o.ID); errors.Is(err, httpapi.NotFound) {
			return o.accept(tx)
		}
		return err
	})
	if err != nil || first.ID != "" {
		return first.answer(o, err)
	}
	err = s.Commit(ctx, o.ID, o.branches(), func(tx *sqlite.Tx, refused *httpapi.Problem) error {
		return insert(tx, o, refused)
	})
	if err == nil {
		return o, nil
	}
	if first, failed := s.find(ctx, o.ID); failed == nil { // it is refused, or a twin was faster
		return first.answer(o, nil)
	}
	return o, err
}

// branches are what the participants have to prepare.
func (o Order) branches() []twopc.Branch {
	type wanted struct {
		Order  string `json:"order"`
		Name   string `json:"name"`
		Amount int64  `json:"amount"`
	}
	return []twopc.Branch{
		{Participant: "stock", Prepare: wanted{o.ID, o.Item, o.Quantity}},
		{Participant: "payment", Prepare: wanted{o.ID, o.Customer, o.Cents}},
		{Participant: "delivery", Prepare: wanted{o.ID, o.Slot, 1}},
	}
}

// insert writes an order down with its outcome. Refused is nil if it is confirmed.
func insert(tx *sqlite.Tx, o Order, refused *httpapi.Problem) error {
	if refused == nil {
		refused = &httpapi.Problem{}
	}
	_, err := tx.Exec(`INSERT INTO orders
		(id, customer, item, quantity, slot, cents, refused, detail)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, o.ID, o.Customer, o.Item, o.Quantity, o.Slot, o.Cents,
		string(refused.Type), refused.Detail)
	return err
}

// accept judges an order that is not known yet, and looks up what it costs.
func (o *Order) accept(tx *sqlite.Tx) error {
	if err := o.check(); err != nil {
		return err
	}
	var each int64
	err := tx.QueryRow("SELECT cents FROM prices WHERE item = ?", o.Item).Scan(&each)
	if errors.Is(err, sql.ErrNoRows) {
		return httpapi.UnknownItem.With("%q", o.Item)
	}
	if each > math.MaxInt64/o.Quantity {
		return httpapi.Unprocessable.With("%d of %s cost more than can be paid", o.Quantity, o.Item)
	}
	o.Cents = each * o.Quantity
	return err
}

// known is an order that is decided.
type known struct {
	Order
	refused, detail string
	waiting         string
}

// answer returns what was answered first, if it was asked for the same. Err is that
// of the look-up.
func (k known) answer(asked Order, err error) (Order, error) {
	switch {
	case err != nil:
		return asked, err
	case k.Request != asked.Request:
		return asked, httpapi.KeyReused.With("%s is another order", k.ID)
	case k.refused != "":
		return asked, httpapi.Kind(k.refused).With("%s", k.detail)
	}
	return k.Order, nil
}

func (s *Service) find(ctx context.Context, id string) (k known, err error) {
	err = s.db.View(ctx, func(tx *sqlite.Tx) error {
		k, err = find(tx, id)
		return err
	})
	return k, err
}

func find(tx *sqlite.Tx, id string) (known, error) {
	var k known
	err := tx.QueryRow(`SELECT id, customer, item, quantity, slot, cents, refused, detail,
			coalesce((SELECT waiting FROM decisions WHERE order_id = orders.id), '')
		FROM orders WHERE id = ?`, id).
		Scan(&k.ID, &k.Customer, &k.Item, &k.Quantity, &k.Slot, &k.Cents, &k.refused, &k.detail,
			&k.waiting)
	if errors.Is(err, sql.ErrNoRows) {
		return k, httpapi.NotFound.With("no order %s", id)
	}
	return k, err
}
