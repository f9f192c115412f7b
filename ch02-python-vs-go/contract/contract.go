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

	"example.com/dtx/ch02-python-vs-go/target"
	"example.com/dtx/internal/openapi"
)

// Check is one part of the contract.
type Check struct {
	Name        string // a sentence
	Slow        bool   // whether it starts processes of its own
	AboutOthers bool   // whether it means nothing if others have failed
	run         func(*trial)
}

// Checks returns the contract, in the order in which to check it.
func Checks() []Check {
	return []Check{
		{Name: "a request that differs from the document is refused", run: refuses},
		{Name: "an incomplete request is cut off", run: bounds},
		{Name: "asking again with the same key changes nothing", run: knowsKeys},
		{Name: "a list read page by page has every job once, and in order", run: pages},
		{Name: "what is deleted is gone", run: deletes},
		{Name: "each kind of work gives its result", run: works},
		{Name: "a request that waits does not block others", run: holdsNobodyUp},
		{Name: "a job that fails is tried again, and in the end is a dead letter", run: triesAgain},
		{Name: "times are in UTC", run: tellsTime},
		{Name: "a schedule keeps to its grid", run: keepsGrid},
		{
			Name: "no more jobs run than there are workers, " +
				"and no more jobs wait than the queue may hold",
			run: staysBounded, Slow: true,
		},
		{
			Name: "a job that takes longer than its visibility timeout is handed out again",
			run:  handsOutAgain, Slow: true,
		},
		{
			Name: "what a client has an answer for is not lost by kill -9",
			run:  losesNothing, Slow: true,
		},
		{Name: "a job whose worker was killed is done again", run: redoes, Slow: true},
		{
			Name: "a schedule that missed several runs makes one run for all",
			run:  makesUp, Slow: true,
		},
		{Name: "a service that is told to stop ends without an error", run: ends},
		{
			Name: "the checks have seen each answer in the document",
			run:  documents, AboutOthers: true,
		},
	}
}

// Suite puts a target through the contract.
type Suite struct {
	target   target.Target
	document *openapi.Document
	dir      string
	shared   *service // service for checks that need no settings of their own
	mortal   *service // service for checks that kill it
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
	if t.failed != nil { // who knows what it has left behind
		s.Close()
	}
	return t.failed
}

// Close ends what the suite has left running.
func (s *Suite) Close() {
	for _, left := range []*service{s.shared, s.mortal} {
		if left != nil {
			left.process.Kill()
		}
	}
	s.shared, s.mortal = nil, nil
}

// trial is one check that is being made.
type trial struct {
	*Suite
	ctx     context.Context
	failed  error
	running []*service // services with settings of their own
}

// fail ends the check.
func (t *trial) fail(format string, args ...any) {
	t.failed = fmt.Errorf(format, args...)
	runtime.Goexit()
}

// require ends the check if ok is false.
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
	return t.keep(&t.shared, target.Settings{Retry: 10 * time.Millisecond})
}

// victim returns the service that checks share who kill it.
func (t *trial) victim() *service {
	return t.keep(&t.mortal, target.Settings{Backlog: 100_000, Visibility: 900 * time.Millisecond})
}

// keep returns a service that outlives the check, and starts it if need be.
func (t *trial) keep(kept **service, settings target.Settings) *service {
	if *kept == nil {
		*kept = t.start(settings)
		t.running = nil
	}
	s := **kept
	s.trial = t
	return &s
}

// start starts a service with an empty database, for this check.
func (t *trial) start(settings target.Settings) *service {
	t.started++
	settings.Database = filepath.Join(t.dir, fmt.Sprintf("%s-%d.db", t.target.Name, t.started))
	_, err := os.Stat(settings.Database)
	t.require(errors.Is(err, os.ErrNotExist),
		"the database %s is there already: %v", settings.Database, err)
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

// revive starts the victim again.
func (t *trial) revive() *service {
	s := t.restart(t.mortal.settings)
	t.mortal, t.running = s, nil
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
