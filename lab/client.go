package lab

import (
	"fmt"
	"net/http"
	"time"
)

// Client is the name of the customer's program in points and drawings.
const Client = "client"

// Patience is how long the client waits for one answer, and Pause how long
// before it asks again.
const (
	Patience = 10 * time.Second
	Pause    = time.Second
)

// Answer is what a client was told about an order. Status 0 is no answer.
type Answer struct {
	Order  string `json:"order"`
	Status int    `json:"status"`
	Type   string `json:"type,omitempty"` // the problem's type, if it is one
	Title  string `json:"title,omitempty"`
	Body   string `json:"body,omitempty"`
}

// Final tells whether the client may believe it for ever: done, or refused.
func (a Answer) Final() bool { return a.Confirmed() || a.Refused() }

// Confirmed tells whether the shop said that the order is done.
func (a Answer) Confirmed() bool { return a.Status == http.StatusCreated }

// Refused tells whether the shop said that the order is not done, and never
// will be. 409 is also said of a key that is still being worked on.
func (a Answer) Refused() bool {
	return a.Status >= 400 && a.Status < 500 && a.Type != inFlight
}

// InFlight tells whether the client is to ask again, since the order is under way.
func (a Answer) InFlight() bool { return a.Type == inFlight }

// The problems that say nothing of what became of an order.
const (
	inFlight  = "https://example.com/dtx/problems/in-flight"
	keyReused = "https://example.com/dtx/problems/key-reused"
)

func (a Answer) String() string {
	if a.Status == 0 {
		return fmt.Sprintf("%s: no answer", a.Order)
	}
	if a.Title != "" {
		return fmt.Sprintf("%s: %d %s", a.Order, a.Status, a.Title)
	}
	return fmt.Sprintf("%s: %d %s", a.Order, a.Status, http.StatusText(a.Status))
}
