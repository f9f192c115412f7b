package shop

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"example.com/dtx/ch07-messages/broker"
	"example.com/dtx/ch07-messages/halfmessage"
	"example.com/dtx/ch07-messages/order"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

const callTimeout = time.Second

// Transactional is what a student plugs into a producer.
type Transactional struct {
	Accept func(*Book, order.Order) error
	Check  func(b *Book, id string) (halfmessage.State, error)
}

// Producer is order, whose messages are transactional: it has no outbox.
type Producer struct {
	http.Handler
	db     *sqlite.DB
	client *http.Client
	part   Transactional
}

// NewProducer returns a producer on its database, which has the table of
// halfmessage.Records.
func NewProducer(db *sqlite.DB, client *http.Client, part Transactional) *Producer {
	r := httpapi.NewRouter()
	p := &Producer{r, db, client, part}
	r.Post("/orders", httpapi.Handle(p.post))
	r.Post("/check", httpapi.Handle(p.check))
	return p
}

// post sends the half message, has the student accept the order, and tells the broker that
// it is committed. If the broker does not hear it, it asks back.
func (p *Producer) post(w http.ResponseWriter, r *http.Request) error {
	o, err := order.Read(w, r)
	if err != nil {
		return err
	}
	e, err := Placed(o)
	if err != nil {
		return err
	}
	m := halfmessage.Message{Producer: "order", Subject: placed, Body: e.Body}
	if err := p.call(r.Context(), "half", o.ID, m); err != nil {
		return httpapi.Unavailable.With("the broker does not answer")
	}
	err = update(r.Context(), p.db, func(b *Book) error { return p.part.Accept(b, o) })
	if err != nil {
		return err
	}
	_ = p.call(r.Context(), "commit", o.ID, struct{}{})
	o.State = order.Confirmed
	return o.Answer(w)
}

// check answers a check-back as the student says.
func (p *Producer) check(w http.ResponseWriter, r *http.Request) error {
	id, err := httpapi.Key(r)
	if err != nil {
		return err
	}
	a := halfmessage.Answer{ID: id}
	err = update(r.Context(), p.db, func(b *Book) (err error) {
		a.State, err = p.part.Check(b, id)
		return err
	})
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, a)
}

func (p *Producer) call(ctx context.Context, path, id string, body any) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	a, err := httpapi.Post[halfmessage.Answer](ctx, p.client, "http://halves/"+path, id, body)
	if err == nil && a.ID != id {
		err = fmt.Errorf("the answer is about %q instead of %s", a.ID, id)
	}
	return err
}

// NewHalves returns the broker of half messages. It publishes what is committed over the
// other broker.
func NewHalves(db *sqlite.DB, client *http.Client) http.Handler {
	b := broker.Client{HTTP: client}
	publish := func(ctx context.Context, subject, id, body string) error {
		_, err := b.Publish(ctx, subject, placed+" of "+id, id, []byte(body))
		return err
	}
	return halfmessage.New(db, client, publish)
}
