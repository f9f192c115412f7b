package exercise

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"example.com/dtx/ch03-transactions/exercise/tap"
	"example.com/dtx/lab/event"
)

const database = "database" // its column in a drawing

// record is what was said to the database, as events to be drawn.
type record struct {
	mu     sync.Mutex
	events []event.Event
}

// exchange adds a statement and its answer. The fault is what struck it, if any.
func (r *record) exchange(who string, s tap.Statement, result string, err error, fault string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := fmt.Sprintf("m%d", len(r.events))
	asks := event.Data{Peer: database, Text: words(s), Fault: fault}
	r.events = append(r.events,
		event.Event{Kind: event.Send, Service: who, Message: m, Data: asks},
		event.Event{
			Kind: event.Receive, Service: database, Message: m, Data: event.Data{Peer: who},
		})
	if err != nil {
		result = err.Error()
	} else if result == "" {
		result = "done"
	}
	m += "r"
	answers := event.Data{Peer: who, Text: result, Reply: true}
	arrives := event.Data{Peer: database, Reply: true}
	r.events = append(r.events,
		event.Event{Kind: event.Send, Service: database, Message: m, Data: answers},
		event.Event{Kind: event.Receive, Service: who, Message: m, Data: arrives})
}

// word adds a word about a session.
func (r *record) word(who, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	said := event.Data{Text: text}
	r.events = append(r.events, event.Event{Kind: event.State, Service: who, Data: said})
}

// end returns all events, and what was found at the end.
func (r *record) end(found string) []event.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := append(r.events, event.Event{Kind: event.Verdict, Data: event.Data{Text: found}})
	for i := range all {
		all[i].Seq = i + 1
	}
	return all
}

// has tells whether a statement was said.
func (r *record) has(statement string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.events, func(e event.Event) bool {
		return e.Data.Text == statement
	})
}

// words are a statement's verb and what was put in for its question marks.
func words(s tap.Statement) string {
	args := make([]string, len(s.Args))
	for i, a := range s.Args {
		args[i] = fmt.Sprint(a)
	}
	return strings.TrimSpace(s.Verb() + " " + strings.Join(args, ", "))
}

// silent lets everything pass.
type silent struct{}

func (silent) Before(context.Context, tap.Statement) tap.Fate { return tap.Served }
func (silent) After(tap.Statement, string, error)             {}
