// Package box is a chapter's package in small: the tests of mutate change it.
package box

import (
	"log/slog"
	"time"
)

// State is what a box is.
type State string

// Values of State.
const (
	Open   State = "open"
	Closed State = "closed"
)

// Box holds a number of things.
type Box struct {
	State State
	Size  int
	Count int
}

// Full tells whether nothing more fits in.
func (b *Box) Full() bool { return b.Count >= b.Size }

// Fill puts things in until the box is full.
func (b *Box) Fill() {
	slog.Info("it is filled")
	for !b.Full() {
		b.Count++
		time.Sleep(time.Millisecond)
	}
}

// Close closes the box. No test looks at its state.
func (b *Box) Close() {
	slog.Info("it is closed")
	b.State = Closed
}

// Query selects the open boxes.
func Query() string { return "SELECT size FROM boxes WHERE state = 'open'" }
