package halfmessage_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"example.com/dtx/ch07-messages/halfmessage"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
)

// The shop has three services. The order service takes the order and the money in its
// local transaction; the delivery service learns of it by the message, and cannot refuse.

const price = 500 // cents

const orderSchema = halfmessage.Records + `
CREATE TABLE accounts (name TEXT PRIMARY KEY, cents INTEGER NOT NULL CHECK (cents >= 0)) STRICT;
CREATE TABLE orders (id TEXT PRIMARY KEY, customer TEXT NOT NULL, cents INTEGER NOT NULL) STRICT;
INSERT INTO accounts VALUES ('ada', 10000), ('bob', 10000), ('eve', 0);
`

const deliverySchema = `
CREATE TABLE slots (name TEXT PRIMARY KEY, places INTEGER NOT NULL) STRICT;
CREATE TABLE inbox (id TEXT PRIMARY KEY, slot TEXT NOT NULL) STRICT;
INSERT INTO slots VALUES ('mon-am', 5);
`

// check answers a check-back. The right one is the producer's own.
type check func(db *sqlite.DB, p *halfmessage.Producer) handler

type handler = func(http.ResponseWriter, *http.Request) error

func right(_ *sqlite.DB, p *halfmessage.Producer) handler { return p.Check }

// order is the producer.
type order struct {
	http.Handler
	producer *halfmessage.Producer
}

func newOrder(db *sqlite.DB, client *http.Client, answer check) order {
	r := httpapi.NewRouter()
	s := order{r, halfmessage.NewProducer(db, client)}
	r.Post("/orders", httpapi.Handle(s.post))
	r.Post("/check", httpapi.Handle(answer(db, s.producer)))
	return s
}

func (s order) post(w http.ResponseWriter, r *http.Request) error {
	id, err := httpapi.Key(r)
	if err != nil {
		return err
	}
	o, err := httpapi.Decode[lab.Order](w, r)
	if err != nil {
		return err
	}
	m := halfmessage.Message{
		Producer: "order", Subject: "delivery",
		Body: o.Slot + " for " + o.Customer, // two orders under one key must differ in it
	}
	err = s.producer.Execute(r.Context(), id, m, func(tx *sqlite.Tx) error {
		return accept(tx, id, o)
	})
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusCreated, struct{}{})
}

// accept is the local transaction: it takes the money, and writes the order down.
func accept(tx *sqlite.Tx, id string, o lab.Order) error {
	const take = "UPDATE accounts SET cents = cents - ?2 WHERE name = ?1 AND cents >= ?2"
	done, err := tx.Exec(take, o.Customer, price)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, httpapi.InsufficientFunds.With("%s", o.Customer))
	}
	_, err = tx.Exec("INSERT INTO orders VALUES (?, ?, ?)", id, o.Customer, price)
	return err
}

// newDelivery is the consumer, with an inbox: one transaction for effect and memory.
func newDelivery(db *sqlite.DB, _ *http.Client) http.Handler {
	r := httpapi.NewRouter()
	r.Post("/message", httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
		id, err := httpapi.Key(r)
		if err != nil {
			return err
		}
		m, err := httpapi.Decode[halfmessage.Message](w, r)
		if err != nil {
			return err
		}
		slot, _, _ := strings.Cut(m.Body, " for ")
		err = db.Update(r.Context(), func(tx *sqlite.Tx) error { return deliver(tx, id, slot) })
		if err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, halfmessage.Answer{ID: id})
	}))
	return r
}

// deliver takes a place in a slot, once for each message.
func deliver(tx *sqlite.Tx, id, slot string) error {
	done, err := tx.Exec("INSERT INTO inbox VALUES (?, ?) ON CONFLICT DO NOTHING", id, slot)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return err
	}
	_, err = tx.Exec("UPDATE slots SET places = places - 1 WHERE name = ?", slot)
	return err
}

// publishTo sends a message to its consumer, which is the subject's host.
func publishTo(client *http.Client) halfmessage.Publish {
	return func(ctx context.Context, subject, id, body string) error {
		m := halfmessage.Message{Subject: subject, Body: body}
		url := "http://" + subject + "/message"
		a, err := httpapi.Post[halfmessage.Answer](ctx, client, url, id, m)
		if err == nil && a.ID != id {
			err = fmt.Errorf("%s answers for %q", subject, a.ID)
		}
		return err
	}
}

// with is the shop whose producer answers check-backs so.
func with(name string, answer check) lab.Variant {
	return lab.Variant{
		Name: name, Idempotent: true,
		Services: []lab.Service{{
			Name: "order", Schema: orderSchema,
			New: func(db *sqlite.DB, client *http.Client) http.Handler {
				return newOrder(db, client, answer)
			},
			Queries: lab.Queries{
				Balances: "SELECT 'payment', name, cents FROM accounts",
				Effects: `SELECT 'order', id, customer, 1 FROM orders UNION ALL
					SELECT 'payment', id, customer, cents FROM orders`,
			},
		}, {
			Name: "broker", Schema: halfmessage.Schema,
			New: func(db *sqlite.DB, client *http.Client) http.Handler {
				return halfmessage.New(db, client, publishTo(client))
			},
			Queries: lab.Queries{
				Stuck: "SELECT id || ' is open: ' || state FROM messages WHERE open",
			},
		}, {
			Name: "delivery", Schema: deliverySchema, New: newDelivery,
			Queries: lab.Queries{
				Balances: "SELECT 'delivery', name, places FROM slots",
				Effects:  "SELECT 'delivery', id, slot, 1 FROM inbox",
			},
		}},
	}
}

func chapter() lab.Chapter {
	return lab.Chapter{
		Name: "ch07-messages/halfmessage", Title: "The transactional message",
		Variants:  []lab.Variant{with("tombstone", right)},
		Scenarios: []lab.Scenario{success(), refused(), moneyComesIn(), sameKey()},
		Effects: func(o lab.Order) []lab.Effect {
			return []lab.Effect{
				{Kind: lab.OrderKind, Order: o.Key, Account: o.Customer, Amount: 1},
				{Kind: "payment", Order: o.Key, Account: o.Customer, Amount: price},
				{Kind: "delivery", Order: o.Key, Account: o.Slot, Amount: 1},
			}
		},
	}
}

func success() lab.Scenario {
	return lab.Scenario{
		Name: "success", Orders: []lab.Order{tea("ada")}, Want: []int{201}, Tries: 5,
	}
}

// refused is an order that the local transaction refuses.
func refused() lab.Scenario {
	return lab.Scenario{
		Name: "insufficient funds", Orders: []lab.Order{tea("eve")}, Want: []int{409}, Tries: 5,
	}
}

// moneyComesIn: the first answer to an order is its answer for ever.
func moneyComesIn() lab.Scenario {
	s := refused()
	s.Name, s.Change = "money comes in", lab.Change{
		Service: "order", Means: "eve gets 10000 cents",
		SQL: "UPDATE accounts SET cents = 10000 WHERE name = 'eve'",
	}
	return s
}

func sameKey() lab.Scenario { return lab.SameKey(tea("ada"), tea("bob")) }

func tea(customer string) lab.Order {
	return lab.Order{Key: "order-1", Customer: customer, Item: "tea", Quantity: 1, Slot: "mon-am"}
}
