package main

import (
	"fmt"

	"example.com/dtx/lab/event"
)

// The columns of a drawing. The laboratory is the orchestrator.
const (
	orchestrator = "order"
	stock        = "stock"
)

// film is what there is to draw of a run.
type film struct {
	events   []event.Event
	messages int
}

// passes notes a message, which ends as the last argument says.
func (f *film) passes(text string, isReply bool, end event.Kind, fault string) {
	from, to := orchestrator, stock
	if isReply {
		from, to = to, from
	}
	f.messages++
	leaves := event.Event{Service: from, Kind: event.Send, Message: fmt.Sprint("m", f.messages),
		Data: event.Data{Peer: to, Text: text, Reply: isReply}}
	ends := leaves
	ends.Kind, ends.Data.Text, ends.Data.Fault = end, "", fault
	if end == event.Receive {
		ends.Service, ends.Data.Peer = to, from
	}
	f.events = append(f.events, leaves, ends)
}

func (f *film) requests(m message) { f.passes(m.String(), false, event.Receive, "") }

func (f *film) replies(said string) { f.passes(said, true, event.Receive, "") }

// misses notes that a request has no answer.
func (f *film) misses(fault string) { f.passes("", true, event.Drop, fault) }

// loses notes a request that does not arrive.
func (f *film) loses(m message, fault string) { f.passes(m.String(), false, event.Drop, fault) }

func (f *film) marks(kind event.Kind, text string) {
	f.events = append(f.events,
		event.Event{Service: stock, Kind: kind, Data: event.Data{Text: text}})
}
