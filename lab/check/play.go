package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"example.com/dtx/lab/event"
)

// broken is what a participant does wrong.
type broken struct{ error }

// trial is a run that is being played.
type trial struct {
	*participant
	model
	drawing
	watch
}

// play plays a run as often as it is told, until it breaks the participant.
func (k *checker) play(ctx context.Context, r run) (t *trial, err error) {
	for range k.times {
		if t, err = k.playOnce(ctx, r); err != nil {
			break
		}
	}
	return t, err
}

// playOnce plays a run on a fresh folder. The error is a broken if the participant is wrong.
func (k *checker) playOnce(ctx context.Context, r run) (t *trial, err error) {
	folder, err := os.MkdirTemp("", "dtx")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the data: %w", err)
	}
	data := filepath.Join(folder, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	t = &trial{
		participant: &participant{
			command: k.command, document: k.document, folder: data, body: k.body,
		},
		model: model{protocol: k.protocol, states: []state{{left: k.opening}}},
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	defer t.kill()
	if k.decides != nil {
		if t.coordinator, err = coordinate(k.document); err != nil {
			return t, err
		}
		defer t.coordinator.Close()
	}
	if r.order() != nil {
		t.images = filepath.Join(folder, "images")
	}
	if err := t.start(ctx); err != nil {
		return t, err
	}
	if err := t.audit(ctx); err != nil {
		return t, err
	}
	if err := t.begin(r); err != nil {
		return t, err
	}
	for _, a := range r.actions {
		if err := t.act(ctx, a); err != nil {
			return t, err
		}
		if err := t.inspect(ctx); err != nil {
			return t, err
		}
		t.note()
	}
	return t, nil
}

// act does one thing to the participant.
func (t *trial) act(ctx context.Context, a action) error {
	m := a.messages[0]
	if a.how != inDoubt && t.decides != nil && t.decides(m) {
		t.decide(m)
	}
	if t.Tracer != nil {
		return t.watched(ctx, a)
	}
	switch a.how {
	case inDoubt:
		return t.inquires(ctx, m, a.reply)
	case learnt:
		return t.ends(ctx, m)
	case sent, watched:
		return t.untilAnswered(ctx, a.messages)
	case lost:
		t.loses(m, "request lost")
		return nil
	case unheard:
		return t.hangUp(ctx, m)
	case killedBefore:
		t.kill()
		t.marks(event.Crash, "killed")
		t.loses(m, "no connection")
		return t.restart(ctx)
	}
	if err := t.killAt(ctx, m, a.change); err != nil {
		return err
	}
	return t.restart(ctx)
}

// hangUp sends a message and closes the connection: the message may come now, later or
// never.
func (t *trial) hangUp(ctx context.Context, m message) error {
	heard, cancel := context.WithCancel(ctx)
	defer cancel()
	t.requests(m)
	_, _ = t.ask(heard, m, cancel) // the error is that nothing is heard
	t.misses("answer lost")
	t.late = append(t.late, m)
	t.move(func(s state) []state { return []state{s} })
	return ctx.Err()
}

// untilAnswered sends messages at once, and again until each has an answer.
func (t *trial) untilAnswered(ctx context.Context, list []message) error {
	for began := time.Now(); ; time.Sleep(pause) {
		answers, err := t.askAll(ctx, list)
		if err != nil {
			return err
		}
		if !t.answered(list, answers) {
			return t.wrong(list, answers)
		}
		var again []message
		for i, said := range answers {
			if said == unknown {
				again = append(again, list[i])
			}
		}
		if list = again; len(list) == 0 {
			return nil
		}
		if time.Since(began) > patience || t.dead() || ctx.Err() != nil {
			return t.silent(ctx, list[0], errors.New("it cannot say what it has done"))
		}
	}
}

// askAll sends messages at once, and returns the answers to them.
func (t *trial) askAll(ctx context.Context, list []message) (said []string, err error) {
	answers := make([]*answer, len(list))
	var wg sync.WaitGroup
	for i, m := range list {
		t.requests(m)
		wg.Go(func() { answers[i], _ = t.ask(ctx, m, func() {}) }) // an error is no answer
	}
	wg.Wait()
	for i, a := range answers {
		one, heard := t.heard(list[i], a)
		said, err = append(said, one), errors.Join(err, heard)
	}
	return said, err
}

// heard says what an answer means. None at all says nothing, and so does a 5xx that the
// protocol does not have.
func (t *trial) heard(m message, a *answer) (said string, err error) {
	if a == nil {
		t.misses("no answer")
		return unknown, nil
	}
	var problem struct {
		Type string `json:"type"`
	}
	said = fmt.Sprint(a.Status)
	if json.Unmarshal(a.Answer, &problem) == nil && problem.Type != "" {
		said += " " + path.Base(problem.Type)
	}
	t.replies(said)
	if a.Status >= http.StatusInternalServerError && !t.expects(m, said) {
		return unknown, nil
	}
	return said, t.kept(a)
}

// wrong says which answers are right.
func (t *trial) wrong(list []message, answers []string) error {
	if len(list) > 1 {
		return broken{fmt.Errorf("%s and %s at once are answered %s: right in neither order",
			list[0], list[1], strings.Join(answers, " and "))}
	}
	right := t.right(func(s state) string { _, a := t.apply(s, list[0]); return a })
	return broken{fmt.Errorf("%s is answered %s; right is %s", list[0], answers[0], right)}
}

// silent says why there is no answer.
func (t *trial) silent(ctx context.Context, m message, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case t.dead():
		return broken{fmt.Errorf("%s: the program has ended by itself", m)}
	}
	return broken{fmt.Errorf("%s: %w", m, err)}
}

// restart starts the program on what it has left behind. What was under way is lost.
func (t *trial) restart(ctx context.Context) error {
	t.late = nil
	t.marks(event.Restart, "")
	err := t.start(ctx)
	if err != nil && ctx.Err() == nil {
		err = broken{fmt.Errorf("it does not start again on its data: %w", err)}
	}
	return err
}

// killAt sends a message, and kills the program when its data has changed that often, or,
// at the latest, when it has answered.
func (t *trial) killAt(ctx context.Context, m message, change int) error {
	t.requests(m)
	before := t.look()
	answered := make(chan *answer, 1)
	go func() {
		a, _ := t.ask(ctx, m, func() {}) // an error is no answer
		t.kill()
		answered <- a
	}()
	for seen := 0; seen < change && !t.dead(); {
		if now := t.look(); now != before {
			seen, before = seen+1, now
		}
		if seen == change {
			t.kill()
		}
	}
	said, err := t.heard(m, <-answered)
	t.marks(event.Crash, "killed")
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil && !t.answered([]message{m}, []string{said}):
		return t.wrong([]message{m}, []string{said})
	}
	return err
}

// audit reads the ledger, and holds it against the model.
func (t *trial) audit(ctx context.Context) error {
	said, err := t.read(ctx)
	if err != nil {
		return err
	}
	if right := t.right(t.says); !t.audited(said) {
		return broken{fmt.Errorf("GET /ledger says: %s\nright is:         %s", said, right)}
	}
	return nil
}

// read reads the ledger.
func (t *trial) read(ctx context.Context) (string, error) {
	a, err := t.ask(ctx, message{path: ledger}, func() {})
	if err != nil {
		return "", t.silent(ctx, message{path: ledger}, err)
	}
	if err := t.kept(a); err != nil {
		return "", err
	}
	var said books
	if err := json.Unmarshal(a.Answer, &said); err != nil {
		return "", broken{fmt.Errorf("GET /ledger: %w", err)}
	}
	return said.String(), nil
}
