package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/live"
	"example.com/dtx/lab/real"
)

// Live runs a variant's services, does what it is told, and says what happens,
// as package live describes. It returns when in has ended or ctx is done.
func Live(ctx context.Context, c lab.Chapter, v lab.Variant, in io.Reader, out io.Writer) error {
	ctx, end := context.WithCancelCause(ctx)
	lines, written := make(chan live.Line), make(chan struct{})
	go func() {
		defer close(written)
		end(writeLines(ctx, out, lines))
	}()
	commands := make(chan asked, maxWaiting)
	go func() { end(readCommands(in, commands)) }()

	s := &stage{chapter: c, lines: lines, turns: make(chan struct{}, maxUnderWay)}
	err := s.perform(ctx, v, commands)
	err = errors.Join(err, s.close())
	if err != nil {
		s.send(ctx, live.Line{Failure: err.Error()})
	}
	end(io.EOF)
	select {
	case <-written:
	case <-time.After(lastWord): // the page does not read any more
	}
	if cause := context.Cause(ctx); err == nil && !errors.Is(cause, io.EOF) {
		err = cause
	}
	return err
}

// lastWord is how long what is being said may take when all ends.
const lastWord = time.Second

// stage is where one run after another takes place.
type stage struct {
	chapter lab.Chapter
	lines   chan<- live.Line
	turns   chan struct{} // a place for each command under way
	run     *liveRun      // the present one, if there is one
}

// maxUnderWay is how many commands can be under way.
const maxUnderWay = 64

// send says a line if ctx does not end first.
func (s *stage) send(ctx context.Context, l live.Line) {
	select {
	case s.lines <- l:
	case <-ctx.Done():
	}
}

// perform obeys commands until ctx is done. An error means that the laboratory
// cannot go on.
func (s *stage) perform(ctx context.Context, v lab.Variant, commands <-chan asked) error {
	err := s.open(ctx, v, false)
	for err == nil {
		select {
		case a := <-commands:
			err = s.obey(ctx, a)
		case err = <-s.run.failed:
		case <-ctx.Done():
			return nil
		}
	}
	if ctx.Err() != nil {
		return nil // what fails then fails because of that
	}
	return err
}

// open begins a run of a variant.
func (s *stage) open(ctx context.Context, v lab.Variant, restarts bool) error {
	s.send(ctx, live.Line{Hello: hello(s.chapter, v)})
	cluster, err := real.Start(ctx, v, real.Options{Keys: true, StayDown: !restarts})
	if err != nil {
		return err
	}
	s.run = s.begin(ctx, v, cluster)
	return nil
}

// close ends the present run, and all commands that wait for it.
func (s *stage) close() error {
	if s.run == nil {
		return nil
	}
	s.run.end()
	err := s.run.cluster.Abandon()
	s.run.work.Wait()
	s.run = nil
	return err
}

// obey carries out a command, or begins it. An error means that the laboratory
// cannot go on.
func (s *stage) obey(ctx context.Context, a asked) error {
	if a.err == nil && a.Do == live.Reset {
		return s.reset(ctx, a.Command)
	}
	select {
	case s.turns <- struct{}{}:
	default:
		err := fmt.Errorf("%d commands are under way already", maxUnderWay)
		s.run.reply(a.ID, live.Reply{}, err)
		return nil
	}
	s.carryOut(s.run, a)
	return nil
}

// carryOut begins a command and goes on with it beside others, if it takes long.
func (s *stage) carryOut(r *liveRun, a asked) {
	reply, wait, err := live.Reply{}, awaited(nil), a.err
	if err == nil {
		reply, wait, err = r.begin(a.Command)
	}
	if err != nil || wait == nil {
		<-s.turns
		r.reply(a.ID, reply, err)
		return
	}
	r.work.Go(func() {
		reply, err := wait(r.ctx)
		if r.ctx.Err() != nil {
			err = errors.New("the run has ended")
		}
		<-s.turns
		r.reply(a.ID, reply, err)
	})
}

// reset ends the present run and begins the next.
func (s *stage) reset(ctx context.Context, cmd live.Command) error {
	v := s.run.variant
	if cmd.Variant != "" {
		var err error
		if v, err = s.chapter.Variant(cmd.Variant); err != nil {
			s.run.reply(cmd.ID, live.Reply{}, err)
			return nil
		}
	}
	if err := errors.Join(s.close(), s.open(ctx, v, cmd.Restarts)); err != nil {
		return err
	}
	s.run.reply(cmd.ID, live.Reply{}, nil)
	return nil
}

// hello says what there is.
func hello(c lab.Chapter, v lab.Variant) *live.Hello {
	h := &live.Hello{Chapter: c.Name, Title: c.Title, Variant: v.Name, Columns: v.Columns()}
	for _, v := range c.Variants {
		h.Variants = append(h.Variants, live.About{Name: v.Name, About: v.About})
	}
	for _, s := range c.Scenarios {
		scenario := live.Scenario{Name: s.Name}
		for _, o := range s.Orders {
			scenario.Orders = append(scenario.Orders, live.Order(o))
		}
		h.Scenarios = append(h.Scenarios, scenario)
	}
	for _, k := range fault.Kinds() {
		h.Kinds = append(h.Kinds, live.About{Name: string(k), About: k.Meaning()})
	}
	return h
}
