package shop

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"time"

	"example.com/dtx/ch07-messages/broker"
	"example.com/dtx/ch07-messages/halfmessage"
	"example.com/dtx/ch07-messages/messages"
	"example.com/dtx/ch07-messages/order"
	"example.com/dtx/ch07-messages/participant"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Book is a service's database in one transaction. If the database fails, or the
// student's function returns an error, nothing of it is done.
type Book struct {
	tx     *sqlite.Tx
	failed error
}

func update(ctx context.Context, db *sqlite.DB, do func(*Book) error) error {
	return db.Update(ctx, func(tx *sqlite.Tx) error {
		b := &Book{tx: tx}
		err := do(b)
		return cmp.Or(b.failed, err)
	})
}

func (b *Book) exec(statement string, args ...any) (changed int64) {
	done, err := b.tx.Exec(statement, args...)
	if err == nil {
		changed, err = done.RowsAffected()
	}
	b.failed = cmp.Or(b.failed, err)
	return changed
}

// Save writes an order down. It returns false if the order was there already.
func (b *Book) Save(o order.Order) (isNew bool) {
	err := o.Match(b.tx)
	if isNew = errors.Is(err, httpapi.NotFound); isNew {
		err = cmp.Or(o.Accept(b.tx), o.Save(b.tx))
	}
	b.failed = cmp.Or(b.failed, err)
	return isNew
}

// Put writes the event that an order was placed into the outbox.
func (b *Book) Put(o order.Order) {
	e, err := Placed(o)
	b.failed = cmp.Or(b.failed, err)
	b.exec("INSERT INTO outbox (id, subject, saga, body, written) VALUES (?, ?, ?, ?, ?)",
		e.ID, placed, e.Order, e.Body, time.Now().UnixMilli())
}

// Remember writes a text into the inbox. It returns false if it was there already.
func (b *Book) Remember(id string) (isNew bool) {
	const insert = "INSERT INTO inbox VALUES (?, ?) ON CONFLICT DO NOTHING"
	return b.exec(insert, id, time.Now().UnixMilli()) == 1
}

// Park sets a message aside for an operator, together with the reason.
func (b *Book) Park(m broker.Message, why error) {
	b.exec("INSERT INTO parked VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		m.ID, m.Subject, m.Body, why.Error(), time.Now().UnixMilli())
}

// Outcome returns what the record says of the local transaction of an order, and
// halfmessage.Unknown if there is no record.
func (b *Book) Outcome(id string) halfmessage.State {
	state := halfmessage.Unknown
	err := b.tx.QueryRow("SELECT state FROM local_transactions WHERE id = ?", id).Scan(&state)
	if !errors.Is(err, sql.ErrNoRows) {
		b.failed = cmp.Or(b.failed, err)
	}
	return state
}

// Record writes how the local transaction of an order has ended.
func (b *Book) Record(id string, state halfmessage.State) {
	b.exec("INSERT OR REPLACE INTO local_transactions VALUES (?, '', ?, '')", id, state)
}

// Deliver books a place for the order that a message speaks of: one place each time that
// it is called. The error is httpapi.Malformed if the message cannot be read,
// httpapi.UnknownSlot if there is no such slot, and httpapi.SlotFull if its places are
// taken; every other error is one of the database.
func (b *Book) Deliver(m broker.Message) error {
	e, err := read(m)
	if err == nil {
		_, err = deliver(b.tx, e.Order, &e.Content)
	}
	return err
}

// deliver is the chapter's delivery, whose refusal is an error here.
func deliver(tx *sqlite.Tx, saga string, c *messages.Content) ([]string, error) {
	r := participant.Rules{
		Max: 1, Short: httpapi.SlotFull, Unknown: httpapi.UnknownSlot,
		Part: func(c messages.Content) participant.Account {
			return participant.Account{Name: c.Slot, Amount: 1}
		},
	}
	_, err := r.Take("booked", "not-booked")(tx, saga, c)
	if err == nil && c.Why != "" {
		err = c.Why.With("%s for %s", c.Slot, saga)
	}
	return nil, err
}
