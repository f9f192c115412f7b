package sim

import (
	"fmt"
	"slices"
	"strings"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
)

// BrokenPromises finds broken promises of messages in a run: too many requests,
// compensations in another order than the reverse of the steps', and, where messages came
// again and nothing else failed, a request that is sent again though its answer is there: a
// reaction that comes again leads to none.
func BrokenPromises(m lab.Messages, events []event.Event) (findings []lab.Finding) {
	if m.Most == 0 {
		return nil
	}
	t := trace{
		Messages: m, strict: repeated(events),
		status: map[string]string{}, answered: map[string]bool{}, sent: map[string][]string{},
	}
	for _, e := range events {
		findings = append(findings, t.see(e)...)
	}
	return findings
}

// trace is what has been seen of a run.
type trace struct {
	lab.Messages
	strict   bool                // a message came again, and nothing else has struck
	status   map[string]string   // each reply's
	answered map[string]bool     // requests
	sent     map[string][]string // operations by order, in their order
}

// repeated tells whether a message came again, and nothing else has struck.
func repeated(events []event.Event) bool {
	faults := 0
	for _, e := range events {
		if e.Data.Fault == "" {
			continue
		}
		if !strings.HasPrefix(e.Data.Fault, "delivered") {
			return false
		}
		faults++
	}
	return faults > 0
}

func (t trace) see(e event.Event) []lab.Finding {
	request, _, _ := strings.Cut(e.Point, " #")
	sends := e.Kind == event.Send && e.Service != lab.Client
	switch {
	case e.Kind == event.Send && e.Data.Reply:
		t.status[e.Message] = e.Data.Text
	case e.Kind == event.Receive && e.Data.Reply && strings.HasPrefix(t.status[e.Message], "2"):
		t.answered[request] = true
	case sends && !strings.HasPrefix(e.Data.Text, "GET"):
		return t.send(e, request)
	}
	return nil
}

// send notes a request, and finds what is wrong with it.
func (t trace) send(e event.Event, request string) (findings []lab.Finding) {
	_, about, _ := strings.Cut(request, ": ")
	words := strings.Fields(about)
	if len(words) < 3 {
		return nil // it is about no order
	}
	op, key := words[0]+" "+words[1], words[2]
	before := t.sent[key]
	t.sent[key] = append(before, op)
	again := t.Again != "" && strings.HasPrefix(op, t.Again)
	add := func(damage, text string) {
		findings = append(findings, lab.Finding{
			Invariant: lab.RightMessages, Damage: damage, Text: text,
		})
	}
	if t.strict && t.answered[request] && !again {
		add("an answered request again", e.Point)
	}
	if len(before) == t.Most {
		add("too many requests", fmt.Sprintf("%s: more than %d requests", key, t.Most))
	}
	if t.tooLate(op, before) {
		add("a compensation out of order", e.Point)
	}
	return findings
}

// tooLate tells whether a compensation begins after that of a step before its own.
func (t trace) tooLate(op string, before []string) bool {
	step := slices.Index(before, t.Undoes[op])
	if step < 0 || slices.Contains(before, op) {
		return false
	}
	return slices.ContainsFunc(before, func(done string) bool {
		other := slices.Index(before, t.Undoes[done])
		return other >= 0 && other < step
	})
}
