// Package fault names the places where a distributed program can fail, the
// faults that can strike there, and rules which of them does.
//
// The same names serve the simulation, the real processes, the drawings and
// the command line.
package fault

import "strconv"

// Boundary is one of the borders at which a service touches the world.
type Boundary string

// The boundaries.
const (
	Commit  Boundary = "commit"  // its database makes a transaction durable
	Send    Boundary = "send"    // it asks another service
	Receive Boundary = "receive" // it is asked
)

// Point is a place where a fault can strike: one use of one boundary.
type Point struct {
	Boundary Boundary `json:"boundary"`
	Service  string   `json:"service"`
	Peer     string   `json:"peer,omitempty"` // whom a Send asks
	Op       string   `json:"op"`             // e.g. "POST /charge"
	Key      string   `json:"key,omitempty"`  // the order it is about, if one is known
	// N is how often the run has come here, from 1; restarts do not reset it.
	N int `json:"n,omitempty"`
}

// Base is the point's name without its number.
func (p Point) Base() string {
	name := p.Service
	if p.Boundary == Send {
		name += " → " + p.Peer
	}
	name += ": "
	if p.Boundary == Commit {
		name += "commit "
	}
	name += p.Op
	if p.Key != "" {
		name += " " + p.Key
	}
	return name
}

// String is the point's name, e.g. "stock: commit POST /take order-1 #1",
// "order → payment: POST /charge order-1 #2", "payment: POST /charge order-1 #1".
func (p Point) String() string { return p.Base() + " #" + strconv.Itoa(p.N) }
