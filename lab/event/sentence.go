package event

import "strings"

// Sentence says an event in words: what the diagram shows, for who cannot see
// it, e.g. "order sends POST /charge to payment (m3)".
func (e Event) Sentence() string {
	if e.Service == "" {
		return "Verdict: " + e.word()
	}
	s := printable(e.Service) + " " + e.predicate()
	if e.Data.Fault != "" && e.Kind != Crash {
		s += "; fault: " + printable(e.Data.Fault)
	}
	return s
}

func (e Event) predicate() string {
	switch e.Kind {
	case Send:
		return e.passes("sends", "answers") + " to " + e.other()
	case Receive:
		return e.passes("receives", "has the answer") + " from " + e.other()
	case Drop:
		return e.passes("loses", "loses the answer") + " between it and " + e.other()
	case Commit:
		return e.commits()
	case Crash:
		return "is dead: " + e.word()
	case Replaced:
		return "is taken for dead, and goes on as " + e.other()
	case Restart:
		said := "is up again, on the same files, as " + printable(e.Data.Text)
		return strings.TrimSuffix(said, ", as ")
	}
	return "notes: " + e.word()
}

// passes says what a message does, be it a request or an answer.
func (e Event) passes(request, answer string) string {
	verb := request
	if e.Data.Reply {
		verb = answer
	}
	if e.Data.Text != "" {
		verb += " " + printable(e.Data.Text)
	}
	if e.Message != "" {
		verb += " (" + printable(e.Message) + ")"
	}
	return verb
}

func (e Event) other() string {
	if e.Data.Peer == "" {
		return "an unnamed process"
	}
	return printable(e.Data.Peer)
}

func (e Event) commits() string {
	how := ", forced to the disk"
	if !e.Data.Forced {
		how = ", not forced to the disk"
	}
	what := e.Data.Text
	if _, point, found := strings.Cut(e.Point, "commit "); what == "" && found {
		what = point
	}
	return strings.TrimRight("commits "+printable(what), " ") + how
}
