package broker

import (
	"context"
	"net/http"
	"time"

	"example.com/dtx/internal/httpapi"
)

const (
	// FetchWait is how long the broker waits for a message to deliver.
	FetchWait  = 24 * time.Second
	answerTime = time.Second
)

// Publication is the body of a request to publish.
type Publication struct {
	ID   string `json:"id"`
	Body string `json:"body"`
}

// Stored is the answer to a Publication. It names the message: an empty answer
// comes from a stranger.
type Stored struct {
	ID        string `json:"id"`
	Duplicate bool   `json:"duplicate"`
}

// Most is the body of a request to fetch: how many messages at most.
type Most struct {
	Most int `json:"most"`
}

// Batch is the answer to a fetch.
type Batch struct {
	Consumer string    `json:"consumer"`
	Messages []Message `json:"messages"`
}

// Delivery is the body and the answer of a request that answers a delivery.
type Delivery struct {
	Token string        `json:"token"`
	Pause time.Duration `json:"pause,omitzero"` // nanoseconds
}

func (b *Broker) routes() http.Handler {
	r := httpapi.NewRouter()
	r.Post("/publish/{subject}", httpapi.Handle(b.publish))
	r.Post("/fetch/{consumer}", httpapi.Handle(b.fetch))
	answers := map[string]func(context.Context, Delivery) error{
		"ack": func(ctx context.Context, d Delivery) error { return b.Ack(ctx, d.Token) },
		"later": func(ctx context.Context, d Delivery) error {
			return b.Later(ctx, d.Token, d.Pause)
		},
		"working": func(ctx context.Context, d Delivery) error { return b.Working(ctx, d.Token) },
	}
	for path, answer := range answers {
		r.Post("/"+path+"/{subject}", httpapi.Handle(deliveries(answer)))
	}
	return r
}

func (b *Broker) publish(w http.ResponseWriter, r *http.Request) error {
	p, err := httpapi.Decode[Publication](w, r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerTime)
	defer cancel()
	isDuplicate, err := b.Publish(ctx, httpapi.Param(r, "subject"), p.ID, []byte(p.Body))
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, Stored{p.ID, isDuplicate})
}

func (b *Broker) fetch(w http.ResponseWriter, r *http.Request) error {
	m, err := httpapi.Decode[Most](w, r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), FetchWait)
	defer cancel()
	name := httpapi.Param(r, "consumer")
	list, err := b.Fetch(ctx, name, max(1, m.Most))
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, Batch{name, append([]Message{}, list...)})
}

// deliveries returns a handler for what a consumer says of a delivery.
func deliveries(
	answer func(context.Context, Delivery) error,
) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		d, err := httpapi.Decode[Delivery](w, r)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(r.Context(), answerTime)
		defer cancel()
		if err := answer(ctx, d); err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, d)
	}
}
