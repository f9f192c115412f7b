package participant

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
)

const (
	lookPause  = 500 * time.Millisecond // between two looks for doubt
	askTimeout = time.Second            // for the coordinator's answer
	restPause  = 30 * time.Second       // before a look all the same: a server may end a prepare after whoever began it has died
)

// Run asks about the transactions that have been prepared for a while, and
// carries out what the coordinator says. It returns when ctx is done.
func (s *Service) Run(ctx context.Context) error {
	var before []string // in doubt at the last look; after a start, none
	for failed := 0; ctx.Err() == nil; {
		doubts, err := s.branches.InDoubt(ctx)
		if err == nil {
			err = s.ask(ctx, slices.DeleteFunc(slices.Clone(doubts), func(id string) bool { return !slices.Contains(before, id) }))
			before = doubts
		}
		failed++
		if err == nil {
			failed = 0
		}
		if len(doubts) == 0 && failed == 0 {
			s.wait(ctx)
		}
		twopc.Sleep(ctx, lookPause+twopc.Pause(s.rules.List, failed))
	}
	return nil
}

// wait returns when something may have been prepared.
func (s *Service) wait(ctx context.Context) {
	timer := time.NewTimer(restPause)
	defer timer.Stop()
	select {
	case <-s.prepared:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// ask inquires about transactions one after the other, until one has no answer:
// then the coordinator is away. One that cannot be carried out now does not keep
// back those after it.
func (s *Service) ask(ctx context.Context, ids []string) error {
	var failed error
	for _, id := range ids {
		answer, err := s.inquire(ctx, id)
		if err != nil {
			return fmt.Errorf("inquire about %s: %w", id, err)
		}
		if err := s.resolve(ctx, id, answer); err != nil {
			failed = errors.Join(failed, fmt.Errorf("resolve %s: %w", id, err))
		}
	}
	return failed
}

// inquire asks the coordinator. Any answer but a clear one is none: only the
// coordinator decides.
func (s *Service) inquire(ctx context.Context, id string) (twopc.State, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	answer, err := httpapi.Get[twopc.Inquiry](ctx, s.client, "http://order/transactions/"+url.PathEscape(id))
	return answer.State, err
}

func (s *Service) resolve(ctx context.Context, id string, state twopc.State) error {
	switch state {
	case twopc.Committed:
		return s.branches.Commit(ctx, id)
	case twopc.Aborted:
		return s.branches.Abort(ctx, id)
	}
	return nil
}
