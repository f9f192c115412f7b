// Package messages carries an order from service to service over a broker. A service
// writes an event into its outbox in the transaction of its effect, a relay publishes
// it, and the consumer notes it in its inbox in the transaction of its own effect.
//
// The outbox sends each event at least once. The inbox lets it have its effect once.
package messages

import (
	"context"
	"time"

	"github.com/go-json-experiment/json"

	"example.com/dtx/ch07-messages/broker"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Content is what every event carries: the order, so that no service has to ask for it,
// and the reason if the order is refused.
type Content struct {
	Customer string       `json:"customer"`
	Item     string       `json:"item"`
	Quantity int64        `json:"quantity"`
	Slot     string       `json:"slot"`
	Cents    int64        `json:"cents"`
	Why      httpapi.Kind `json:"why"`
}

// Event is something that has happened to an order.
type Event struct {
	Name    string  `json:"name"` // the subject under which it is published
	Order   string  `json:"order"`
	Content Content `json:"content"`
}

// ID names the event: it happens once to an order.
func (e Event) ID() string { return e.Name + " of " + e.Order }

// decode returns the event in a message. The error is a refusal if no release has
// ever published such a body.
func decode(m broker.Message) (e Event, err error) {
	err = json.Unmarshal([]byte(m.Body), &e, json.RejectUnknownMembers(true))
	if err != nil || e.Name != m.Subject || e.ID() != m.ID {
		return e, httpapi.Malformed.With("%s is no event", m.ID)
	}
	return e, nil
}

// Reaction is what a service does upon an event, in one transaction. It returns the
// names of the events that this leads to. A refusal parks the event.
type Reaction func(tx *sqlite.Tx, saga string, c *Content) (names []string, err error)

// Broker stores messages and delivers them, as a broker.Client does.
type Broker interface {
	Publish(
		ctx context.Context, subject, id, saga string, body []byte,
	) (isDuplicate bool, err error)
	Fetch(ctx context.Context, consumer string, most int) ([]broker.Message, error)
	Ack(ctx context.Context, saga string, m broker.Message) error
	Later(ctx context.Context, saga string, m broker.Message, pause time.Duration) error
}
