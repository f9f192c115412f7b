package sim

import (
	"context"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
)

// judge audits a world that is at rest. If it is whole, and each client may ask
// again, each does.
func (s *Stage) judge(ctx context.Context, w *world, scenario lab.Scenario, r *Run) (err error) {
	if r.After, err = lab.ReadLedger(ctx, s.variant, w.read); err != nil {
		return err
	}
	r.Findings = s.chapter.Judge(scenario, w.before(s.before), r.After, r.Told, nil)
	r.Findings = append(r.Findings, BrokenPromises(s.variant.Messages, w.director.Events())...)
	w.recordIn(r)
	if s.variant.Idempotent && !s.unasked && len(r.Findings) == 0 {
		return s.askAgain(ctx, w, scenario, r)
	}
	return nil
}

// askAgain has each client ask once more. What happens then is part of the run's
// record only if it breaks something.
func (s *Stage) askAgain(ctx context.Context, w *world, scenario lab.Scenario, r *Run) error {
	var last []lab.Answer
	clients, leave := context.WithCancel(ctx)
	defer leave()
	done := make(chan struct{})
	go func() {
		defer close(done)
		last = scenario.AskAgain(func(o lab.Order) []lab.Answer {
			return w.ask(clients, o, 1)
		})
	}()
	if err := w.run(ctx, done); err != nil {
		return err
	}
	after, err := lab.ReadLedger(ctx, s.variant, w.read)
	if err == nil && !lab.Settled(last, r.After, after) {
		if err = w.run(ctx, nil); err == nil {
			after, err = lab.ReadLedger(ctx, s.variant, w.read)
		}
	}
	if err != nil {
		return err
	}
	r.Findings = s.chapter.Judge(scenario, w.before(s.before), after, r.Told, last)
	r.Findings = append(r.Findings, BrokenPromises(s.variant.Messages, w.director.Events())...)
	if len(r.Findings) > 0 {
		r.Told, r.After = append(r.Told, last...), after
		w.recordIn(r)
	}
	return nil
}

// recordIn notes in a run what has happened so far, and what was found.
func (w *world) recordIn(r *Run) {
	d := w.director
	for _, f := range r.Findings {
		d.Record(event.Event{Kind: event.Verdict, Data: event.Data{Text: f.String()}})
	}
	r.Events, r.Passed, r.Offers, r.Unfired = d.Events(), d.Passed(), d.Offers(), d.Unfired()
	r.Choices, r.Grouped, r.Again, r.Runners = w.choices, w.grouped, w.again, w.runners
}

// isClosed tells whether a channel is closed; nil never is.
func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
