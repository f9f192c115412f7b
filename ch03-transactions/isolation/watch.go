package isolation

import (
	"context"
	"fmt"
	"time"
)

// advance lets a session say its next statement, if it says nothing yet, and
// watches until that is answered or waits. It tells whether anything changed.
func (p *play) advance(ctx context.Context, s *session) (changed bool, err error) {
	if s.answer == nil {
		if len(s.todo) == 0 {
			return false, nil
		}
		s.say(ctx)
		changed = true
	}
	tick := time.NewTicker(pollTime)
	defer tick.Stop()
	for {
		select {
		case answer := <-s.answer:
			return true, p.hear(s, answer)
		case <-ctx.Done():
			return false, ctx.Err()
		case <-tick.C:
		}
		waits, err := p.db.waits(ctx, p.watcher, s.id)
		if err != nil {
			return false, fmt.Errorf("ask whether session %s waits: %w", s.who, err)
		}
		if waits {
			p.wait(s)
			return changed, nil
		}
	}
}

// wait notes that what a session says waits for a lock.
func (p *play) wait(s *session) {
	if s.waiting {
		return
	}
	s.waiting = true
	p.run.waits = append(p.run.waits, verb(s.saying)+" waits")
	p.run.line(s.who, s.saying+" (waits)")
}

// hear notes the answer to what a session says.
func (p *play) hear(s *session, a answer) error {
	text := s.saying
	if s.waiting {
		text = "(goes on)"
	}
	s.answer, s.waiting = nil, false
	refusal := p.db.refusal(a.err)
	switch {
	case refusal != "":
		p.run.refusals = append(p.run.refusals, refusal+" at "+verb(s.saying))
		text += " ✗ " + refusal
	case a.err != nil:
		return fmt.Errorf("session %s: %s: %w", s.who, s.saying, a.err)
	case verb(s.saying) == "SELECT":
		text += fmt.Sprintf(" → %d", a.number)
	}
	p.run.line(s.who, text)
	s.hear(a)
	return nil
}
