// Package promises tries what the broker's own promises cover. Each promise is a
// sentence and a run on a real broker that shows it.
package promises

import (
	"context"
	"fmt"
	"strings"
	"time"

	"example.com/dtx/ch07-messages/broker"
)

// Promise is a sentence about the broker, and a run that shows it.
type Promise struct {
	Name  string
	Claim string
	Saw   string // what the run sees, if the claim is true
	play  func(*run)
}

// All are the promises that are tried.
func All() []Promise {
	return []Promise{
		{"window", "Within its window the broker does not store a second message with the same " +
			"ID, even with another body. After the window, it does.",
			"duplicate, duplicate, delivered a: first, stored, delivered a: second", window},
		{"ack-first", "A consumer that acknowledges and dies before its commit has lost the " +
			"message.", "delivered a: first, nothing", ackFirst},
		{"commit-first", "A consumer that commits and dies before it acknowledges gets the " +
			"message again.", "delivered a: first, delivered a: first, again", commitFirst},
		{"late-ack", "If an acknowledgement comes too late, the broker has given the message " +
			"to another process, and still answers as always.",
			"delivered a: first, delivered a: first, again, acknowledged", lateAck},
		{"max-deliver", "With a limit of deliveries, a message that is never acknowledged " +
			"is delivered up to the limit, and then no more. The consumer hears of no error.",
			"delivered a: first, delivered a: first, again, nothing", maxDeliver},
		{"overtaking", "A message that is not acknowledged is overtaken by the next one.",
			"delivered a: first, delivered b: second, delivered a: first, again", overtaking},
		{"empty", "While the broker waits for the acknowledgement of a message, a fetch does not " +
			"return this message.",
			"delivered a: first, nothing, delivered a: first, again", empty},
		{"working", "A consumer that says \"working\" in time keeps the message.",
			"delivered a: first, nothing, acknowledged, nothing", working},
	}
}

// Consumers are what the promises need of a broker: a subject each.
func Consumers() (list []broker.Consumer) {
	for _, p := range All() {
		c := broker.Consumer{Name: p.Name, Subjects: []string{p.Name}}
		if p.Name == "max-deliver" {
			c.MaxDeliver = 2
		}
		list = append(list, c)
	}
	return list
}

// Try plays a promise's run and returns what it saw.
func (p Promise) Try(ctx context.Context, b *broker.Broker) (saw string, err error) {
	r := &run{ctx: ctx, broker: b, name: p.Name}
	p.play(r)
	return strings.Join(r.saw, ", "), r.err
}

// run is the run of a promise. After its first error nothing is done any more.
type run struct {
	ctx    context.Context // a run is one call, and this is its context
	broker *broker.Broker
	name   string
	saw    []string
	err    error
}

func (r *run) see(format string, args ...any) {
	r.saw = append(r.saw, fmt.Sprintf(format, args...))
}

// publish publishes a message. The broker compares the IDs of all subjects of a stream,
// so that of a run begins with its name.
func (r *run) publish(id, body string) (isDuplicate bool) {
	if r.err == nil {
		isDuplicate, r.err = r.broker.Publish(r.ctx, r.name, r.name+id, []byte(body))
	}
	return isDuplicate
}

// fetch waits for one message.
func (r *run) fetch(wait time.Duration) (m broker.Message) {
	if r.err != nil {
		return m
	}
	ctx, cancel := context.WithTimeout(r.ctx, wait)
	defer cancel()
	list, err := r.broker.Fetch(ctx, r.name, 1)
	r.err = err
	if len(list) == 0 {
		r.see("nothing")
		return m
	}
	m = list[0]
	r.see("delivered %s: %s", strings.TrimPrefix(m.ID, r.name), m.Body)
	if m.Tries > 1 {
		r.see("again")
	}
	return m
}

func (r *run) ack(m broker.Message) {
	if r.err == nil {
		r.err = r.broker.Ack(r.ctx, m.Token)
	}
}

// sleep lets time pass.
func (r *run) sleep(pause time.Duration) {
	select {
	case <-time.After(pause):
	case <-r.ctx.Done():
	}
}
