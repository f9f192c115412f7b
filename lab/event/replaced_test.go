package event_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/event"
)

// aZombie is a run in which order is taken for dead, and goes on.
func aZombie() *record {
	r := &record{}
	r.commit("order", "", true)
	became := event.Data{Peer: "order (old)", Text: "taken for dead", Fault: "zombie"}
	r.add(event.Event{Service: "order", Kind: event.Replaced, Data: became})
	r.note("order", event.Restart, "successor", "")
	r.pass("order (old)", "stock", "POST /take")
	r.pass("order", "stock", "POST /take")
	r.note("order (old)", event.State, "ends", "")
	return r
}

func TestAZombieGoesOnInAColumnThatBeginsThere(t *testing.T) {
	shows(t, aZombie(), `
order            stock      payment      order (old)
  ● commit         │           │
  ┴ taken for dead │           │              │  ! zombie
  ┬ successor      │           │              │
  │                │◄──────────┼──POST /take──┤
  ├───POST /take──►│           │              │
  │                │           │              · ends
`)
}

func TestAMessageEndsWhereItArrives(t *testing.T) {
	r := &record{}
	id := r.send("stock", "order", "200", "")
	reply := event.Data{Peer: "stock", Reply: true}
	r.add(event.Event{Service: "order (old)", Kind: event.Receive, Message: id, Data: reply})
	shows(t, r, `
order       stock      payment   order (old)
  │           ├────200────┼──────────►│
`)
}

func TestAGrowingPictureGivesAZombieALifelineFromThereOn(t *testing.T) {
	g := event.Grow([]string{"order", "stock"})
	var drawn strings.Builder
	for _, e := range aZombie().events {
		for _, p := range g.Add(e) {
			if p.ID == "row0" {
				drawn.WriteString(p.SVG)
			}
		}
	}
	lines := strings.Count(drawn.String(), "lifeline")
	require.Equal(t, 2, lines, "in the first row, order and stock live: %s", &drawn)
	require.Contains(t, g.Heads(), "order (old)")
}
