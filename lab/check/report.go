package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"example.com/dtx/lab/check/trace"
	"example.com/dtx/lab/event"
)

// tick is the time after which progress is shown.
const tick = 2 * time.Second

// every plays all runs, until one breaks the participant.
func (k *checker) every(ctx context.Context, all []run) (code int, err error) {
	began, bad := time.Now(), 0
	shown := began
	for i, r := range all {
		if time.Since(shown) > tick {
			shown = time.Now()
			took := shown.Sub(began).Seconds()
			fmt.Fprintf(k.stderr, "… %d of %d runs, %.0f s\n", i, len(all), took)
		}
		t, err := k.play(ctx, r)
		switch {
		case err == nil:
			if t.missed() {
				k.missed++
			}
			continue
		case ctx.Err() != nil || !isBroken(err):
			command := strings.Join(k.command, " ")
			fmt.Fprintf(k.stderr, "%d runs were right. To go on: "+
				"go run . check %s -from '%s' -- %s\n", i-bad, k.name, r.name, command)
			return noVerdict, err
		case bad > 0:
			fmt.Fprintf(k.stdout, "broken: %s\n", r.name)
		default:
			if err := k.show(t, r, err); err != nil {
				return noVerdict, err
			}
		}
		if bad++; !k.all {
			fmt.Fprintf(k.stdout, "\n%d of %d runs were right. -all goes on.\n", i, len(all))
			return wrong, nil
		}
	}
	fmt.Fprintf(k.stdout, "\n%d of %d runs break it.\n%s", bad, len(all), k.notTried())
	if bad > 0 {
		return wrong, nil
	}
	return right, nil
}

// notTried is what a verdict does not speak of.
func (k *checker) notTried() string {
	said := ""
	switch {
	case k.untraced != "":
		said = fmt.Sprintf("\nNot tried: a kill at each system call, and power cuts: %s.",
			k.untraced)
	case k.missed > 0:
		said = fmt.Sprintf("\nNot tried: %d of them. "+
			"The program did not make the system call again.", k.missed)
	}
	return said + notSeen
}

const notSeen = `
A kill at a change of the data strikes somewhere near it: where exactly, time decides. After
a power cut a file is as it was when it was last forced. Whether a new name is forced, too,
is not looked at, nor what is written to mapped memory or with io_uring. Full disks, wrong
clocks, and data outside of DATA cannot be tried from outside.
`

func isBroken(err error) bool {
	_, ok := errors.AsType[broken](err)
	return ok
}

// playOne plays one run, and draws it.
func (k *checker) playOne(ctx context.Context, r run) (code int, err error) {
	if r.order() != nil && trace.Unable != "" {
		return noVerdict, errors.New(trace.Unable)
	}
	t, err := k.play(ctx, r)
	if err != nil {
		return k.judge(t, r, err)
	}
	if err := k.draw(t); err != nil {
		return noVerdict, err
	}
	if t.missed() {
		return noVerdict, fmt.Errorf("%s: the program did not make the system call", r.name)
	}
	fmt.Fprintf(k.stdout, "%s: right\n", r.name)
	return right, nil
}

// judge reports what is wrong in a run.
func (k *checker) judge(t *trial, r run, err error) (code int, _ error) {
	if !isBroken(err) {
		if t != nil && t.process != nil {
			err = fmt.Errorf("%w%s", err, t.lastWords())
		}
		return noVerdict, err
	}
	return wrong, k.show(t, r, err)
}

// repeated is the flag that makes a run of a matter of time break again.
func (r run) repeated() string {
	for _, a := range r.actions {
		if a.how.kills() || len(a.messages) > 1 {
			return " -times 20"
		}
	}
	return ""
}

// show draws the run, says what is wrong, and how to play it again.
func (k *checker) show(t *trial, r run, err error) error {
	fmt.Fprintf(k.stdout, "\nbroken: %s\n", r.name)
	if err := k.draw(t); err != nil {
		return err
	}
	again, command := "", strings.Join(k.command, " ")
	if len(r.actions) > 0 {
		again = fmt.Sprintf("\nagain: go run . check %s%s -run '%s' -- %s\n",
			k.name, r.repeated(), r.name, command)
	}
	_, failed := fmt.Fprintf(k.stdout, "%v%s\n%s", err, t.lastWords(), again)
	return failed
}

func (k *checker) draw(t *trial) error {
	if len(t.events) == 0 {
		return nil
	}
	fmt.Fprintln(k.stdout)
	err := event.Text(k.stdout, []string{orchestrator, stock}, t.events)
	fmt.Fprintln(k.stdout)
	return err
}

// lastWords is the end of what the program has written.
func (p *participant) lastWords() string {
	if said := strings.TrimSpace(p.said.String()); said != "" {
		return "\n\nit has written:\n" + said
	}
	return ""
}
