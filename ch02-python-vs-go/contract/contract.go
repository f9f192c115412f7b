// Package contract is what any implementation of the job service has to keep,
// whatever its language: checks over HTTP against a process that can be killed
// and started again. Each exchange is held against the OpenAPI document, too.
package contract

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"example.com/dtx/ch02-python-vs-go/openapi"
	"example.com/dtx/ch02-python-vs-go/target"
)

// Check is one part of the contract.
type Check struct {
	Name string // a sentence
	run  func(*trial)
}

// Checks returns the contract. Its last part is about the others, and so is for
// the end.
func Checks() []Check {
	return []Check{
		{"what is not exactly right is refused", refuses},
		{"asking again with the same key changes nothing", knowsKeys},
		{"pages show every job once, and in order", pages},
		{"what is deleted is gone", deletes},
		{"each kind of work gives its result", works},
		{"a request that waits holds nobody up", holdsNobodyUp},
		{"a job that fails is tried again, and in the end is a dead letter", triesAgain},
		{"times are in UTC", tellsTime},
		{"a schedule keeps to its grid", keepsGrid},
		{"no more jobs run than there are workers, and no more wait than the queue holds", staysBounded},
		{"a job that outlives its visibility timeout is handed out again", handsOutAgain},
		{"nothing acknowledged is lost by kill -9", losesNothing},
		{"a job whose worker was killed is done again", redoes},
		{"one run makes up for all that were missed", makesUp},
		{"it ends in good order", ends},
		{"the document says no more than what was seen", documents},
	}
}

// Suite puts a target through the contract.
type Suite struct {
	target   target.Target
	document *openapi.Document
	dir      string
	shared   *service // that needs no settings of its own
	started  int
}

// New returns a suite for a target. Its databases go to dir, which exists.
func New(t target.Target, document, dir string) (*Suite, error) {
	d, err := openapi.Load(document)
	return &Suite{target: t, document: d, dir: dir}, err
}

// Verify makes one check. The checks of a suite are made one after the other.
func (s *Suite) Verify(ctx context.Context, c Check) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	t := &trial{Suite: s, ctx: ctx}
	ended := make(chan struct{})
	go func() { // a trial that fails ends its goroutine
		defer close(ended)
		defer t.cleanUp()
		c.run(t)
	}()
	<-ended
	return t.failed
}

// Close ends what the suite has left running.
func (s *Suite) Close() {
	if s.shared != nil {
		s.shared.process.Kill()
		s.shared = nil
	}
}

// trial is one check that is being made.
type trial struct {
	*Suite
	ctx     context.Context
	failed  error
	running []*service // with settings of their own
}

// fail ends the check.
func (t *trial) fail(format string, args ...any) {
	t.failed = fmt.Errorf(format, args...)
	runtime.Goexit()
}

// require ends the check unless what it says is so.
func (t *trial) require(ok bool, format string, args ...any) {
	if !ok {
		t.fail(format, args...)
	}
}

func (t *trial) cleanUp() {
	for _, s := range t.running {
		s.process.Kill()
	}
}

// common returns the service that checks without settings share.
func (t *trial) common() *service {
	if t.shared == nil {
		t.shared = t.start(target.Settings{Retry: 10 * time.Millisecond})
		t.running = nil // it outlives the check
	}
	s := *t.shared
	s.trial = t
	return &s
}

// start starts a service with an empty database, for this check.
func (t *trial) start(settings target.Settings) *service {
	t.started++
	settings.Database = filepath.Join(t.dir, fmt.Sprintf("%s-%d.db", t.target.Name, t.started))
	_, err := os.Stat(settings.Database)
	t.require(errors.Is(err, os.ErrNotExist), "the database %s is there already: %v", settings.Database, err)
	return t.restart(settings)
}

// restart starts a service on what another has left.
func (t *trial) restart(settings target.Settings) *service {
	p, err := t.target.Start(t.ctx, settings)
	if err != nil {
		t.fail("%w", err)
	}
	s := newService(t, settings, p)
	t.running = append(t.running, s)
	return s
}

// await asks again and again until the answer is yes.
func (t *trial) await(what string, answered func() bool) {
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	late := time.NewTimer(30 * time.Second)
	defer late.Stop()
	for !answered() {
		select {
		case <-ticker.C:
		case <-late.C:
			t.fail("waited in vain until %s", what)
		case <-t.ctx.Done():
			t.fail("waited until %s: %w", what, t.ctx.Err())
		}
	}
}
