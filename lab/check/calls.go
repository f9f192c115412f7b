package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"example.com/dtx/internal/program"
	"example.com/dtx/lab/check/trace"
	"example.com/dtx/lab/event"
)

// window is for how long the tracer watches after an answer: what is still written then
// was answered too early.
const window = 10 * time.Millisecond

// settling is how long the processes of a program take to end, at most.
const settling = time.Second

var errNoCut = errors.New("the power was not cut")

// watch is what is known of a trial under a tracer.
type watch struct {
	order  *trace.Order
	calls  [][]string // the system calls at each message
	struck bool
}

// errUntraced is returned when the program cannot be traced.
type errUntraced struct{ error }

// callRuns plays each story without a fault under a tracer, and returns a run for each
// system call, and the power cuts. A story that another one begins with is not played.
func (k *checker) callRuns(ctx context.Context) (kills, cuts []run, err error) {
	if k.untraced = trace.Unable; k.untraced != "" {
		return nil, nil, nil
	}
	defer program.Progress(k.stderr, "looking which system calls the program makes")()
	for _, s := range k.stories {
		if !s.kills || slices.ContainsFunc(k.stories, s.begins) {
			continue
		}
		plain := s.watchedAt(len(s.messages)-1, trace.Order{})
		t, err := k.playOnce(ctx, plain)
		if untraced, is := errors.AsType[errUntraced](err); is {
			k.untraced = untraced.Error()
			return nil, nil, nil
		}
		if isBroken(err) {
			k.untraced = "it breaks without a fault"
			return nil, nil, nil
		}
		if err != nil {
			return nil, nil, err
		}
		for i, calls := range t.calls[:len(s.messages)] {
			for _, call := range calls {
				kills = append(kills, s.watchedAt(i, trace.Order{Call: call}))
				if trace.Forces(call) {
					cuts = append(cuts, s.watchedAt(i, trace.Order{Call: call, Cut: true}))
				}
			}
			cuts = append(cuts, s.watchedAt(i, trace.Order{Cut: true}))
		}
	}
	if len(kills) == 0 {
		k.untraced = "the program makes none on a file in DATA"
	}
	return kills, cuts, nil
}

// atCall returns the run of a name, if it is that of a run at a system call.
func (p *protocol) atCall(name string) (r run, found bool) {
	for _, s := range p.stories {
		for i := range s.messages {
			_, call, _ := strings.Cut(name, " before ")
			call, _, _ = strings.Cut(call, " @ ")
			for _, o := range []trace.Order{{Call: call}, {Call: call, Cut: true}} {
				if r := s.watchedAt(i, o); r.name == name {
					return r, true
				}
			}
		}
	}
	return run{}, false
}

// strikes is an order of the tracer in words.
func strikes(o trace.Order) string {
	switch {
	case o.Cut && o.Call == "":
		return "power cut after the answer"
	case o.Cut:
		return "power cut before " + o.Call
	case o.Call == "":
		return "no fault"
	}
	return "killed before " + o.Call
}

// begins tells whether the messages of another story begin with those of this one.
func (s story) begins(other story) bool {
	return other.kills && len(other.messages) > len(s.messages) &&
		slices.Equal(other.messages[:len(s.messages)], s.messages)
}

// watchedAt returns the run in which the tracer strikes at a message.
func (s story) watchedAt(i int, o trace.Order) run {
	m := s.messages[i]
	return s.at(i, strikes(o), action{how: watched, messages: []message{m}, order: &o}, send(m))
}

// order returns what the tracer does in the run, if there is one.
func (r run) order() *trace.Order {
	for _, a := range r.actions {
		if a.order != nil {
			return a.order
		}
	}
	return nil
}

// begin arms the tracer, if the run has one.
func (t *trial) begin(r run) error {
	if t.order = r.order(); t.order == nil {
		return nil
	}
	if err := t.Arm(*t.order); err != nil {
		return errUntraced{err}
	}
	return nil
}

// missed tells whether the program did not make the system call.
func (t *trial) missed() bool { return t.order != nil && !t.struck }

// note notes the system calls that were made at a message.
func (t *trial) note() {
	if t.Tracer != nil {
		t.calls = append(t.calls, t.Calls())
	}
}

// watched sends messages, and waits for what the tracer does.
func (t *trial) watched(ctx context.Context, a action) error {
	answers, err := t.askAll(ctx, a.messages)
	switch {
	case err != nil:
		return err
	case !t.answered(a.messages, answers):
		return t.wrong(a.messages, answers)
	}
	within, unheard := window, slices.Contains(answers, unknown)
	if unheard {
		within = settling
	}
	struck, now := t.Struck(within), a.order != nil && *a.order == trace.Order{Cut: true}
	if now && !struck {
		if err := t.Now(); err != nil || !t.Struck(patience) {
			return t.silent(ctx, a.messages[0], errors.Join(err, errNoCut))
		}
		struck = true
	}
	if struck {
		err = t.revive(ctx)
	}
	if err == nil && unheard && (a.how == sent || !struck) {
		err = t.untilAnswered(ctx, a.messages)
	}
	return err
}

// revive starts the program again after the tracer has struck, and without the tracer.
func (t *trial) revive(ctx context.Context) error {
	t.kill()
	t.struck, t.images = true, ""
	t.marks(event.Crash, strikes(*t.order))
	if t.order.Cut && t.cut != nil {
		t.move(t.cut)
	}
	return t.restart(ctx)
}

// inspect audits the ledger. If the tracer strikes meanwhile, because the program was at
// work after its answer, it audits again.
func (t *trial) inspect(ctx context.Context) error {
	err := t.audit(ctx)
	if err == nil || t.Tracer == nil || !t.Struck(settling) {
		return err
	}
	if err := t.revive(ctx); err != nil {
		return err
	}
	return t.audit(ctx)
}
