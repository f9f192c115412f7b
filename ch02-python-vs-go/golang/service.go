package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

const (
	poll    = 100 * time.Millisecond // an idle worker waits no longer
	forever = time.Hour              // the timetable waits no longer
)

// service keeps jobs and has them done.
type service struct {
	db          *sqlite.DB
	config      config
	newJob      chan struct{} // room for one word to each worker
	newSchedule chan struct{}
}

func newService(db *sqlite.DB, c config) *service {
	return &service{
		db: db, config: c,
		newJob:      make(chan struct{}, c.workers),
		newSchedule: make(chan struct{}, 1),
	}
}

// Run does the work in the queue, and fills it when schedules are due. It
// returns when ctx is done and all its goroutines have ended. What they have not
// finished by then will be handed out again.
func (s *service) Run(ctx context.Context) error {
	all, ctx := errgroup.WithContext(ctx)
	for range s.config.workers {
		all.Go(func() error { return s.work(ctx) })
	}
	all.Go(func() error { return s.keepTimetable(ctx) })
	err := all.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func (s *service) work(ctx context.Context) error {
	for ctx.Err() == nil {
		j, wait, err := s.claim(ctx)
		switch {
		case err != nil:
			return err
		case j.ID == "":
			pause(ctx, s.newJob, wait)
		default:
			if err := s.carryOut(ctx, j); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *service) carryOut(ctx context.Context, j job) error {
	if j.Kind == failKind && j.Attempts <= j.Amount {
		return s.fail(ctx, j, fmt.Errorf("attempt %d failed, as asked", j.Attempts))
	}
	result := fmt.Sprintf("attempt %d succeeded", j.Attempts)
	if j.Kind != failKind {
		var err error
		if result, err = do(ctx, j.work); err != nil {
			return err
		}
	}
	return s.finish(ctx, j, result)
}

func (s *service) keepTimetable(ctx context.Context) error {
	for ctx.Err() == nil {
		wait, err := s.fire(ctx)
		switch {
		case errors.Is(err, httpapi.Unavailable): // the queue is full
			wait = s.config.retry
		case err != nil:
			return err
		}
		tell(s.newJob)
		pause(ctx, s.newSchedule, wait)
	}
	return nil
}

// do sleeps or computes. Its error is ctx's.
func do(ctx context.Context, w work) (string, error) {
	if w.Kind == hashKind {
		return hash(w.Amount), nil
	}
	pause(ctx, nil, time.Duration(w.Amount)*time.Millisecond)
	return fmt.Sprintf("slept %d ms", w.Amount), ctx.Err()
}

func hash(rounds int) string {
	var digest [sha256.Size]byte
	for range rounds {
		digest = sha256.Sum256(digest[:])
	}
	return hex.EncodeToString(digest[:])
}

// pause waits for news, for so long, or for ctx's end.
func pause(ctx context.Context, news <-chan struct{}, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-news:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// tell says that there is news, if the channel has room for it.
func tell(news chan<- struct{}) {
	select {
	case news <- struct{}{}:
	default:
	}
}
