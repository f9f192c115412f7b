package isolation

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	playTime = 20 * time.Second     // no play takes longer
	pollTime = 5 * time.Millisecond // between two questions whether a session waits
)

// play is a script that is being performed.
type play struct {
	*stage
	db  Database
	run Run
}

// Play performs a script at a level of a database. A session that waits for a
// lock keeps its further steps for later; one that is refused rolls back, and
// its further steps are left out. The error of a play that was broken off holds
// what there is of it.
func Play(ctx context.Context, db Database, l Level, s Script) (Run, error) {
	ctx, cancel := context.WithTimeout(ctx, playTime)
	defer cancel()
	run := Run{Database: db.Name, Level: l.Name, Anomaly: s.Anomaly, Question: s.Question}
	stage, err := db.newStage(ctx, l)
	if err == nil {
		p := &play{stage: stage, db: db, run: run}
		err = p.perform(ctx, s)
		cancel() // of what a session may still say
		err = errors.Join(err, stage.close())
		run = p.run
	}
	if err != nil {
		return run, fmt.Errorf("%s, %s, %s: %w\n\n%s", db.Name, l.Name, s.Anomaly, err, run)
	}
	return run, nil
}

func (p *play) perform(ctx context.Context, s Script) error {
	if err := execute(ctx, p.watcher, s.Given); err != nil {
		return err
	}
	for _, step := range s.Steps {
		if err := p.take(ctx, step); err != nil {
			return err
		}
	}
	if err := p.finish(ctx); err != nil {
		return err
	}
	if err := p.watcher.QueryRowContext(ctx, s.End).Scan(&p.run.End); err != nil {
		return fmt.Errorf("%s: %w", s.End, err)
	}
	p.run.Left = fmt.Sprintf("%s → %d", s.End, p.run.End)
	p.run.A, p.run.B = p.sessions[A].side, p.sessions[B].side
	p.run.judge(s.Happened)
	return nil
}

// take takes one step, and whatever it makes possible for the other session.
func (p *play) take(ctx context.Context, step Step) error {
	s := p.sessions[step.Who]
	if s.refused {
		return nil
	}
	s.todo = append(s.todo, step.Do)
	return p.settle(ctx, step.Who)
}

// settle goes on until no session can: each has said all that it has to say,
// or waits for the other.
func (p *play) settle(ctx context.Context, first Session) error {
	for {
		one, err := p.advance(ctx, p.sessions[first])
		if err != nil {
			return err
		}
		other, err := p.advance(ctx, p.sessions[1-first])
		if err != nil || !one && !other {
			return err
		}
	}
}

// finish waits for those who still wait: for each other, then, until the
// database gives one of them up.
func (p *play) finish(ctx context.Context) error {
	a, b := p.sessions[A], p.sessions[B]
	for a.answer != nil || b.answer != nil {
		var err error
		select {
		case answer := <-a.answer:
			err = p.hear(a, answer)
		case answer := <-b.answer:
			err = p.hear(b, answer)
		case <-ctx.Done():
			err = fmt.Errorf("a session waits for ever: %w", ctx.Err())
		}
		if err == nil {
			err = p.settle(ctx, A)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
