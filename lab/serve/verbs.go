package serve

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/live"
	"example.com/dtx/lab/real"
)

// awaited is the part of a command that others need not wait for.
type awaited func(context.Context) (live.Reply, error)

// begin carries out what of a command must be done before the next one begins.
// If there is more to it, it returns that.
func (r *liveRun) begin(cmd live.Command) (reply live.Reply, wait awaited, err error) {
	switch c := r.cluster; cmd.Do {
	case live.Play:
		wait, err = r.play(cmd.Scenario)
	case live.Place:
		wait, err = r.place(cmd.Order)
	case live.Plan:
		reply.Fault, err = r.plan(cmd.Fault)
	case live.Next:
		wait, err = r.next(cmd)
	case live.Crash:
		err = r.once(c.Kill(cmd.Service))
	case live.Restart:
		err = c.Revive(cmd.Service)
	case live.Cut:
		err = r.once(c.Cut(cmd.Service, cmd.Peer))
	case live.Heal:
		err = r.once(c.Heal(cmd.Service, cmd.Peer))
	case live.Settle:
		wait = r.settle
	default:
		err = fmt.Errorf("do not know how to do %q", cmd.Do)
	}
	return reply, wait, err
}

// once notes that something was done by hand, if it was.
func (r *liveRun) once(err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.byHand = r.byHand || err == nil
	return err
}

func (r *liveRun) plan(name string) (string, error) {
	f, err := fault.Parse(name)
	if err != nil {
		return "", err
	}
	return f.String(), r.cluster.Plan(f)
}

func (r *liveRun) next(cmd live.Command) (awaited, error) {
	wait, err := r.cluster.Next(cmd.Kind, cmd.Service, cmd.Peer)
	return func(ctx context.Context) (live.Reply, error) {
		f, err := wait(ctx)
		return live.Reply{Fault: f.String()}, err
	}, err
}

func (r *liveRun) play(name string) (awaited, error) {
	s, err := r.chapter.Scenario(name)
	if err != nil {
		return nil, err
	}
	if err := r.admit(s.Orders); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.played = append(r.played, name)
	return r.ask(s), nil
}

func (r *liveRun) place(o *live.Order) (awaited, error) {
	if o == nil {
		return nil, errors.New("place what? there is no order")
	}
	_, err := httpapi.Key(&http.Request{Header: http.Header{"Idempotency-Key": {o.Key}}})
	if err != nil {
		return nil, fmt.Errorf("key %.80q: %w", o.Key, err)
	}
	s := lab.Scenario{Orders: []lab.Order{lab.Order(*o)}}
	if err := r.admit(s.Orders); err != nil {
		return nil, err
	}
	return r.ask(s), r.once(nil)
}

// admit adds orders to those that are judged. One that is there already is asked
// for again; it must be the same.
func (r *liveRun) admit(orders []lab.Order) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var added []lab.Order
	for _, o := range orders {
		i := slices.IndexFunc(r.orders, func(p lab.Order) bool { return p.Key == o.Key })
		if i >= 0 && r.orders[i] != o {
			const other = "%s is another order in this run: give it another key, or reset first"
			return fmt.Errorf(other, o.Key)
		}
		if i < 0 {
			added = append(added, o)
		}
	}
	r.orders = append(r.orders, added...)
	return nil
}

// ask has orders placed as their clients do. From now on they are under way.
func (r *liveRun) ask(s lab.Scenario) awaited {
	done := r.cluster.Asking()
	return func(ctx context.Context) (live.Reply, error) {
		ctx, cancel := context.WithTimeout(ctx, real.MaxPlay)
		defer cancel()
		told := r.cluster.PlaceAll(ctx, s)
		r.mu.Lock()
		r.told = append(r.told, told...)
		r.mu.Unlock()
		done()
		reply := live.Reply{Command: r.command()}
		for _, a := range told {
			text := strings.TrimPrefix(a.String(), a.Order+": ")
			reply.Told = append(reply.Told, live.Told{Order: a.Order, Status: a.Status, Text: text})
		}
		return reply, nil
	}
}

// command is what repeats the run in a terminal, if something does.
func (r *liveRun) command() string {
	fired := r.cluster.Fired()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.played) != 1 || r.byHand {
		return ""
	}
	damage := lab.Damage{Variant: r.variant.Name, Scenario: r.played[0], Plan: fired}
	return damage.Command(r.chapter.Name)
}

// settle waits until all is at rest, and audits.
func (r *liveRun) settle(ctx context.Context) (live.Reply, error) {
	ctx, cancel := context.WithTimeout(ctx, real.MaxPlay)
	defer cancel()
	if err := r.rest(ctx); err != nil {
		return live.Reply{}, fmt.Errorf("settle: %w", err)
	}
	parts, err := r.cluster.Ledgers(ctx)
	if err != nil {
		return live.Reply{}, err
	}
	var verdict live.Verdict
	verdict.Findings, _ = r.findings(parts)
	r.look()
	return live.Reply{Verdict: &verdict, Command: r.command()}, nil
}

// rest waits until the cluster is at rest. It gives up if a person has to mend something
// for that.
func (r *liveRun) rest(ctx context.Context) error {
	settling, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go func() {
		var why string
		hindered := func(l real.Look) bool { why = l.Hindered; return why != "" }
		if r.cluster.Await(settling, hindered) == nil {
			stop(errors.New(why))
		}
	}()
	for {
		err := r.cluster.Settle(settling)
		if settling.Err() != nil {
			err = context.Cause(settling)
		}
		if err != nil {
			return err
		}
		now := r.cluster.Look()
		if now.Hindered != "" {
			return errors.New(now.Hindered)
		}
		if !now.Asking {
			r.cluster.StayDown()
			r.mu.Lock()
			defer r.mu.Unlock()
			r.rested = now.Changed
			return nil
		}
	}
}
