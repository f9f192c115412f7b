package event_test

import (
	"fmt"

	"example.com/dtx/lab/event"
)

// run records events by hand, the way a run would.
type run struct {
	events []event.Event
	sent   map[string]event.Event
}

func (r *run) add(e event.Event) {
	e.Seq = len(r.events) + 1
	r.events = append(r.events, e)
}

func (r *run) send(from, to, text, fault string) string {
	id := fmt.Sprintf("m%d", len(r.events)+1)
	e := event.Event{Service: from, Kind: event.Send, Message: id, Data: event.Data{Peer: to, Text: text, Fault: fault, Reply: text[0] <= '9'}}
	r.add(e)
	if r.sent == nil {
		r.sent = map[string]event.Event{}
	}
	r.sent[id] = e
	return id
}

func (r *run) receive(id string) {
	e := r.sent[id]
	r.add(event.Event{Service: e.Data.Peer, Kind: event.Receive, Message: id, Data: event.Data{Peer: e.Service, Reply: e.Data.Reply}})
}

func (r *run) drop(id string) {
	e := r.sent[id]
	r.add(event.Event{Service: e.Service, Kind: event.Drop, Message: id, Data: event.Data{Peer: e.Data.Peer, Fault: e.Data.Fault, Reply: e.Data.Reply}})
}

func (r *run) pass(from, to, text string)        { r.receive(r.send(from, to, text, "")) }
func (r *run) lose(from, to, text, fault string) { r.drop(r.send(from, to, text, fault)) }
func (r *run) commit(service, text string) {
	r.add(event.Event{Service: service, Kind: event.Commit, Data: event.Data{Text: text, Forced: true}})
}
func (r *run) lazy(service, text string) {
	r.add(event.Event{Service: service, Kind: event.Commit, Data: event.Data{Text: text}})
}
func (r *run) note(service string, k event.Kind, text, fault string) {
	r.add(event.Event{Service: service, Kind: k, Data: event.Data{Text: text, Fault: fault}})
}

// columns are the services of the realistic run.
func columns() []string {
	return []string{"client", "order", "stock", "payment", "delivery", "recommend"}
}

// anOrder is a run in which much goes wrong and the order is confirmed.
func anOrder() []event.Event {
	r := &run{}
	r.pass("client", "order", "GET /recommendations/tea")
	r.pass("order", "recommend", "GET /recommendations/tea")
	r.lose("recommend", "order", "200", "reply lost")
	r.note("order", event.State, "out of patience", "")
	r.pass("order", "client", "200")
	r.pass("client", "order", "POST /orders order-1")
	r.commit("order", "order-1 begun")
	late := r.send("order", "stock", "POST /hold order-1", "delivered late")
	r.note("order", event.State, "out of patience", "")
	r.pass("order", "stock", "POST /hold order-1")
	r.commit("stock", "2 tea held")
	r.pass("stock", "order", "201")
	first := r.send("order", "payment", "POST /charge order-1", "delivered twice")
	second := r.send("order", "payment", "POST /charge order-1", "delivered twice")
	r.receive(first)
	r.note("payment", event.Crash, "", "crash before")
	r.drop(second)
	r.note("order", event.State, "no connection", "")
	r.note("payment", event.Restart, "", "")
	r.pass("order", "payment", "POST /charge order-1")
	r.commit("payment", "order-1 paid")
	r.pass("payment", "order", "201")
	r.receive(late)
	r.lazy("stock", "seen before")
	r.pass("stock", "order", "201")
	r.lose("order", "delivery", "POST /book order-1", "lost")
	r.note("order", event.State, "out of patience", "")
	r.pass("order", "delivery", "POST /book order-1")
	r.commit("delivery", "order-1 booked for mon-am")
	r.pass("delivery", "order", "201")
	r.commit("order", "order-1 confirmed")
	r.pass("order", "client", "201")
	r.lazy("order", "end")
	r.note("", event.Verdict, "order-1 has all of its effects exactly once; units, money and places are conserved; nothing is stuck", "")
	return r.events
}
