package order

import (
	"context"
	"database/sql"
	"errors"

	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// place carries out an order, or says again what became of it.
func (s *Service) place(ctx context.Context, o Order) (Order, error) {
	switch first, err := s.find(ctx, o.ID); {
	case errors.Is(err, httpapi.NotFound): // it is new
	case err != nil:
		return o, err
	case first.Request != o.Request:
		return o, httpapi.KeyReused.With("%s is another order", o.ID)
	default:
		return first.Order, first.refusal()
	}
	if err := s.price(ctx, &o); err != nil {
		return o, err
	}
	type wanted struct {
		Order  string `json:"order"`
		Name   string `json:"name"`
		Amount int64  `json:"amount"`
	}
	branches := []twopc.Branch{
		{Participant: "stock", Prepare: wanted{o.ID, o.Item, o.Quantity}},
		{Participant: "payment", Prepare: wanted{o.ID, o.Customer, o.Cents}},
		{Participant: "delivery", Prepare: wanted{o.ID, o.Slot, 1}},
	}
	err := s.Commit(ctx, o.ID, branches, func(tx *sqlite.Tx) error { return insert(tx, o, "", "") })
	if httpapi.OutcomeOf(err) == httpapi.Refused {
		return o, s.refuse(ctx, o, err)
	}
	return o, err
}

// refuse writes a refusal down before it is told: else a crash, and a customer
// who asks again, might turn it into a yes.
func (s *Service) refuse(ctx context.Context, o Order, why error) error {
	problem, ok := errors.AsType[*httpapi.Problem](why)
	if !ok {
		return why
	}
	err := s.db.Update(ctx, func(tx *sqlite.Tx) error { return insert(tx, o, problem.Type, problem.Detail) })
	if err != nil {
		return err
	}
	return problem
}

func insert(tx *sqlite.Tx, o Order, refused httpapi.Kind, detail string) error {
	_, err := tx.Exec("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		o.ID, o.Customer, o.Item, o.Quantity, o.Slot, o.Cents, string(refused), detail)
	return err
}

// price looks up what the order costs.
func (s *Service) price(ctx context.Context, o *Order) error {
	var each int64
	err := s.db.View(ctx, func(tx *sqlite.Tx) error {
		return tx.QueryRow("SELECT cents FROM prices WHERE item = ?", o.Item).Scan(&each)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return httpapi.UnknownItem.With("%q", o.Item)
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

// refusal returns what was answered to an order that was refused.
func (k known) refusal() error {
	if k.refused == "" {
		return nil
	}
	return httpapi.Kind(k.refused).With("%s", k.detail)
}

func (s *Service) find(ctx context.Context, id string) (k known, err error) {
	k.ID = id
	err = s.db.View(ctx, func(tx *sqlite.Tx) error {
		return tx.QueryRow(`SELECT customer, item, quantity, slot, cents, refused, detail, coalesce(waiting, '')
			FROM orders LEFT JOIN decisions ON order_id = orders.id WHERE orders.id = ?`, id).
			Scan(&k.Customer, &k.Item, &k.Quantity, &k.Slot, &k.Cents, &k.refused, &k.detail, &k.waiting)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return k, httpapi.NotFound.With("no order %s", id)
	}
	return k, err
}
