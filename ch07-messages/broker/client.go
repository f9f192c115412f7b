package broker

import (
	"context"
	"errors"
	"net/http"
	"time"

	"example.com/dtx/internal/httpapi"
)

const (
	callTime  = 2 * time.Second
	fetchTime = FetchWait + time.Second
)

// Client is the broker as a service sees it over the network: the same methods.
type Client struct{ HTTP *http.Client }

// Publish has a message stored. The saga is the order that it is about. After an error
// the message may be stored, or not: the same ID is published again.
func (c Client) Publish(
	ctx context.Context, subject, id, saga string, body []byte,
) (isDuplicate bool, err error) {
	stored, err := call[Stored](ctx, c, callTime, "publish/"+subject, saga,
		Publication{id, string(body)})
	if err == nil && stored.ID != id {
		err = errors.New("the receipt is for " + stored.ID)
	}
	return stored.Duplicate, err
}

// Fetch waits for messages. There may be none though some are stored.
func (c Client) Fetch(ctx context.Context, consumer string, most int) ([]Message, error) {
	batch, err := call[Batch](ctx, c, fetchTime, "fetch/"+consumer, "", Most{most})
	if err == nil && batch.Consumer != consumer {
		err = errors.New("the messages are for " + batch.Consumer)
	}
	return batch.Messages, err
}

// Ack says that a message need not be delivered again.
func (c Client) Ack(ctx context.Context, saga string, m Message) error {
	return c.answer(ctx, "ack/"+m.Subject, saga, Delivery{Token: m.Token})
}

// Later has a message delivered again after a pause.
func (c Client) Later(
	ctx context.Context, saga string, m Message, pause time.Duration,
) error {
	return c.answer(ctx, "later/"+m.Subject, saga, Delivery{m.Token, pause})
}

// Working asks for another AckWait.
func (c Client) Working(ctx context.Context, saga string, m Message) error {
	return c.answer(ctx, "working/"+m.Subject, saga, Delivery{Token: m.Token})
}

func (c Client) answer(ctx context.Context, path, saga string, d Delivery) error {
	heard, err := call[Delivery](ctx, c, callTime, path, saga, d)
	if err == nil && heard.Token != d.Token {
		err = errors.New("the answer is to another delivery")
	}
	return err
}

func call[T any](
	ctx context.Context, c Client, patience time.Duration, path, key string, body any,
) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return httpapi.Post[T](ctx, c.HTTP, "http://broker/"+path, key, body)
}
