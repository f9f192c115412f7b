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

// drawing is what there is to draw of a run.
type drawing struct {
	events   []event.Event
	messages int
}

// passes notes a message, which ends as the last argument says.
func (d *drawing) passes(text string, isReply bool, end event.Kind, fault string) {
	from, to := orchestrator, stock
	if isReply {
		from, to = to, from
	}
	d.messages++
	leaves := event.Event{Service: from, Kind: event.Send, Message: fmt.Sprint("m", d.messages),
		Data: event.Data{Peer: to, Text: text, Reply: isReply}}
	ends := leaves
	ends.Kind, ends.Data.Text, ends.Data.Fault = end, "", fault
	if end == event.Receive {
		ends.Service, ends.Data.Peer = to, from
	}
	d.events = append(d.events, leaves, ends)
}

func (d *drawing) requests(m message) { d.passes(m.String(), false, event.Receive, "") }

func (d *drawing) replies(said string) { d.passes(said, true, event.Receive, "") }

// misses notes that a request has no answer.
func (d *drawing) misses(fault string) { d.passes("", true, event.Drop, fault) }

// loses notes a request that does not arrive.
func (d *drawing) loses(m message, fault string) { d.passes(m.String(), false, event.Drop, fault) }

// asks notes an inquiry of the participant, and the answer to it.
func (d *drawing) asks(id, reply string) {
	d.passes("inquiry "+id, true, event.Receive, "")
	d.passes(reply, false, event.Receive, "")
}

func (d *drawing) marks(kind event.Kind, text string) {
	d.events = append(d.events,
		event.Event{Service: stock, Kind: kind, Data: event.Data{Text: text}})
}
