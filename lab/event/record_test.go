package event_test

import (
	"strconv"

	"example.com/dtx/lab/event"
)

// record is a run that a test writes down, event by event.
type record struct {
	events []event.Event
	sent   map[string]event.Event
}

func (r *record) add(e event.Event) {
	e.Seq = len(r.events) + 1
	r.events = append(r.events, e)
}

// send returns the message's name, for receive or drop.
func (r *record) send(from, to, text, fault string) string {
	if r.sent == nil {
		r.sent = map[string]event.Event{}
	}
	id := "m" + strconv.Itoa(len(r.sent)+1)
	_, err := strconv.Atoi(text)
	r.sent[id] = event.Event{
		Service: from, Kind: event.Send, Message: id,
		Data: event.Data{Peer: to, Text: text, Fault: fault, Reply: err == nil},
	}
	r.add(r.sent[id])
	return id
}

func (r *record) receive(id string) {
	e := r.sent[id]
	e.Service, e.Kind = e.Data.Peer, event.Receive
	e.Data = event.Data{Peer: r.sent[id].Service, Reply: e.Data.Reply}
	r.add(e)
}

func (r *record) drop(id string) {
	e := r.sent[id]
	e.Kind, e.Data.Text = event.Drop, ""
	r.add(e)
}

func (r *record) pass(from, to, text string)        { r.receive(r.send(from, to, text, "")) }
func (r *record) lose(from, to, text, fault string) { r.drop(r.send(from, to, text, fault)) }

func (r *record) commit(service, text string, forced bool) {
	data := event.Data{Text: text, Forced: forced}
	r.add(event.Event{Service: service, Kind: event.Commit, Data: data})
}

func (r *record) note(service string, k event.Kind, text, fault string) {
	r.add(event.Event{Service: service, Kind: k, Data: event.Data{Text: text, Fault: fault}})
}

// services are the columns of anOrder.
func services() []string {
	return []string{"client", "order", "stock", "payment", "delivery", "recommend"}
}

// anOrder is a run in which much goes wrong, and the order is confirmed:
// 16 messages, 3 of them lost, 7 commits, 2 of them unforced, and a crash.
func anOrder() []event.Event {
	r := &record{}
	r.pass("client", "order", "GET /recommendations/tea")
	r.pass("order", "recommend", "GET /recommendations/tea")
	r.lose("recommend", "order", "200", "reply lost")
	r.note("order", event.State, "out of patience", "")
	r.pass("order", "client", "200")
	r.pass("client", "order", "POST /orders order-1")
	r.commit("order", "order-1 begun", true)
	late := r.send("order", "stock", "POST /hold order-1", "delivered late")
	r.note("order", event.State, "out of patience", "")
	r.pass("order", "stock", "POST /hold order-1")
	r.commit("stock", "2 tea held", true)
	r.pass("stock", "order", "201")
	first := r.send("order", "payment", "POST /charge order-1", "delivered twice")
	second := r.send("order", "payment", "POST /charge order-1", "delivered twice")
	r.receive(first)
	r.note("payment", event.Crash, "", "crash before")
	r.drop(second)
	r.note("order", event.State, "no connection", "")
	r.note("payment", event.Restart, "", "")
	r.pass("order", "payment", "POST /charge order-1")
	r.commit("payment", "order-1 paid", true)
	r.pass("payment", "order", "201")
	r.receive(late)
	r.commit("stock", "seen before", false)
	r.lose("order", "delivery", "POST /book order-1", "lost")
	r.note("order", event.State, "out of patience", "")
	r.pass("order", "delivery", "POST /book order-1")
	r.commit("delivery", "order-1 booked for mon-am", true)
	r.pass("delivery", "order", "201")
	r.commit("order", "order-1 confirmed", true)
	r.pass("order", "client", "201")
	r.commit("order", "end", false)
	r.note("", event.Verdict, "order-1 has all of its effects exactly once; "+
		"units, money and places are conserved; nothing is stuck", "")
	return r.events
}
