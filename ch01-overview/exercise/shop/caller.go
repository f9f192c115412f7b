package shop

import (
	"context"
	"net/http"
	"time"

	"example.com/dtx/internal/httpapi"
)

const (
	callTimeout = time.Second            // for one call
	pause       = 500 * time.Millisecond // between two
)

// Step is something that an order needs from another service.
type Step struct {
	Do, Undo string // URLs: what takes it, and what gives it back
	Amount
	short httpapi.Kind
}

// Amount is units of an item, cents of a customer, or places in a slot.
type Amount struct {
	Name   string `json:"name"`
	Amount int64  `json:"amount"`
}

// Caller calls the other services.
type Caller struct{ client *http.Client }

// Call asks for a step once, under a key, and waits for a second at most. What its
// error means, httpapi.OutcomeOf says.
func (c Caller) Call(ctx context.Context, key string, s Step) error {
	return c.post(ctx, s.Do, key, s.Amount)
}

// Pause waits for half a second. Its error says that the caller, or this process,
// is gone.
func (c Caller) Pause(ctx context.Context) error {
	select {
	case <-time.After(pause):
	case <-ctx.Done():
	}
	return ctx.Err()
}

func (c Caller) post(ctx context.Context, url, key string, a Amount) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := httpapi.Post[Amount](ctx, c.client, url, key, a)
	return err
}

// Ask gets a step done, or returns why not.
type Ask func(ctx context.Context, c Caller, order string, s Step) error

// Once is chapter 1's way to ask: it takes every error for a no.
func Once(ctx context.Context, c Caller, order string, s Step) error {
	err := c.Call(ctx, order, s)
	if err != nil && httpapi.OutcomeOf(err) != httpapi.Refused {
		return s.short
	}
	return err
}
