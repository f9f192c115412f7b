package broker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"example.com/dtx/internal/httpapi"
)

// Publish stores a message. If one with the same ID was stored within the Window,
// isDuplicate is true, nothing is stored, and the body is not looked at. The error is
// httpapi.Unavailable if the broker is full; after any other one the message may be
// stored, or not.
func (b *Broker) Publish(
	ctx context.Context, subject, id string, body []byte,
) (isDuplicate bool, err error) {
	m := &nats.Msg{Subject: prefix + subject, Data: body}
	stored, err := b.stream.PublishMsg(ctx, m, jetstream.WithMsgID(id))
	if refusal, ok := errors.AsType[*jetstream.APIError](err); ok {
		return false, httpapi.Unavailable.With("%s is not stored: %s", id, refusal.Description)
	}
	if err != nil {
		return false, fmt.Errorf("publish %s: %w", id, err)
	}
	return stored.Duplicate, nil
}

// Fetch waits for messages until ctx is done, and returns most of them at most. There
// may be none though some are stored. Each must be acknowledged within AckWait.
func (b *Broker) Fetch(ctx context.Context, consumer string, most int) ([]Message, error) {
	c := b.consumers[consumer]
	if c == nil {
		return nil, httpapi.NotFound.With("no consumer %s", consumer)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(b.ending, cancel)()
	first, err := c.Fetch(1, jetstream.FetchContext(ctx))
	if err != nil {
		return nil, fmt.Errorf("fetch for %s: %w", consumer, err)
	}
	list, err := read(first)
	if len(list) == 0 || most == 1 {
		return list, err
	}
	rest, err := c.FetchNoWait(most - 1)
	if err != nil {
		return list, nil // what has come is delivered
	}
	more, _ := read(rest)
	return append(list, more...), nil
}

// read reads a batch to its end.
func read(batch jetstream.MessageBatch) (list []Message, err error) {
	for m := range batch.Messages() {
		meta, err := m.Metadata()
		if err != nil {
			return list, err
		}
		list = append(list, Message{
			ID: m.Headers().Get(jetstream.MsgIDHeader), Body: string(m.Data()),
			Subject: strings.TrimPrefix(m.Subject(), prefix),
			Token:   m.Reply(), Tries: int(meta.NumDelivered),
		})
	}
	err = batch.Error()
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		err = nil // no message came
	}
	return list, err
}

// Ack says that a message need not be delivered again. The broker says nothing of a
// message that was given to another process meanwhile. An acknowledgement is on the
// disk only some time later: a broker that dies before delivers the message again.
func (b *Broker) Ack(ctx context.Context, token string) error {
	return b.answer(ctx, token, "+ACK")
}

// Later has a message delivered again after a pause.
func (b *Broker) Later(ctx context.Context, token string, pause time.Duration) error {
	return b.answer(ctx, token, fmt.Sprintf(`-NAK {"delay": %d}`, pause))
}

// Working asks for another AckWait.
func (b *Broker) Working(ctx context.Context, token string) error {
	return b.answer(ctx, token, "+WPI")
}

// answer answers a delivery, and waits until the broker has taken note.
func (b *Broker) answer(ctx context.Context, token, word string) error {
	if !strings.HasPrefix(token, "$JS.ACK."+stream+".") {
		return httpapi.Unprocessable.With("%q names no delivery", token)
	}
	if _, err := b.conn.RequestWithContext(ctx, token, []byte(word)); err != nil {
		return fmt.Errorf("answer a delivery: %w", err)
	}
	return nil
}
