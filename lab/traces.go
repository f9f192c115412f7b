package lab

import (
	"fmt"
	"slices"
	"strings"

	"example.com/dtx/lab/event"
)

// Messages is what a variant promises of the requests that its services send for one
// order. Requests that only ask (GET) do not count. The zero value promises nothing.
type Messages struct {
	Most   int               // how many there are, with repetitions
	Undoes map[string]string // a compensation's step: "POST /give-back": "POST /take"
	Again  string            // how operations begin that each delivery of a message has
}

// Judge finds broken promises in a run: too many requests, compensations in another
// order than the reverse of the steps', and, where messages came again and nothing
// else failed, a request that is sent again though its answer is there: a reaction
// that comes again leads to none.
func (m Messages) Judge(events []event.Event) (findings []Finding) {
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
	Messages
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

func (t trace) see(e event.Event) []Finding {
	request, _, _ := strings.Cut(e.Point, " #")
	sends := e.Kind == event.Send && e.Service != Client
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
func (t trace) send(e event.Event, request string) (findings []Finding) {
	_, about, _ := strings.Cut(request, ": ")
	words := strings.Fields(about)
	if len(words) < 3 {
		return nil // it is about no order
	}
	op, key := words[0]+" "+words[1], words[2]
	before := t.sent[key]
	t.sent[key] = append(before, op)
	again := t.Again != "" && strings.HasPrefix(op, t.Again)
	if t.strict && t.answered[request] && !again {
		findings = append(findings, Finding{RightMessages, "an answered request again", e.Point})
	}
	if len(before) == t.Most {
		text := fmt.Sprintf("%s: more than %d requests", key, t.Most)
		findings = append(findings, Finding{RightMessages, "too many requests", text})
	}
	if t.tooLate(op, before) {
		findings = append(findings, Finding{RightMessages, "a compensation out of order", e.Point})
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
