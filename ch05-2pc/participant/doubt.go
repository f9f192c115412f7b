package participant

import (
	"context"
	"net/url"
	"slices"
	"time"

	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/places"
)

const (
	lookTry    = 2               // between two looks: as after so many tries, < 0.5 s
	askTimeout = time.Second     // for the coordinator's answer
	restPause  = 5 * time.Second // for what a zombie prepares, or a server whose client died
)

// Run asks about the branches that have been in doubt for a while, and carries out
// what the coordinator answers. It looks less and less often while nothing changes. It
// returns when ctx is done.
func (s *Service) Run(ctx context.Context) error {
	var before []string // in doubt at the last look; after a start, none
	for same := 0; ctx.Err() == nil; same++ {
		doubts, err := s.branches.InDoubt(ctx)
		if err == nil {
			if s.ask(ctx, doubts, before) || !slices.Equal(doubts, before) {
				same = 0
			}
			before = doubts
			if len(doubts) == 0 {
				s.rest(ctx)
				same = 0
			}
		}
		_ = places.Pause(ctx, s.rules.List, lookTry+same) // its error is that of ctx
	}
	return nil
}

// rest returns when something may have been prepared.
func (s *Service) rest(ctx context.Context) {
	select {
	case <-s.prepared:
	case <-time.After(restPause):
	case <-ctx.Done():
	}
}

// ask inquires about the transactions that were in doubt before, one after the
// other, until one has no answer at all: then the coordinator is away. If it does
// not recognise one, or one cannot be carried out now, the others still get theirs,
// and the next look tries again. It tells whether any has ended.
func (s *Service) ask(ctx context.Context, doubts, before []string) (ended bool) {
	for _, id := range doubts {
		if !slices.Contains(before, id) {
			continue
		}
		state, err := s.inquire(ctx, id)
		if err != nil && httpapi.OutcomeOf(err) != httpapi.Refused {
			return ended
		}
		if err == nil {
			ended = s.resolve(ctx, id, state) || ended
		}
	}
	return ended
}

// inquire asks the coordinator. Any answer but a clear one is none: only the
// coordinator decides.
func (s *Service) inquire(ctx context.Context, id string) (twopc.State, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	const path = "http://order/transactions/"
	answer, err := httpapi.Get[twopc.Answer](ctx, s.client, path+url.PathEscape(id))
	return answer.State, err
}

// resolve ends a branch, if it is decided, and tells whether that went well.
func (s *Service) resolve(ctx context.Context, id string, state twopc.State) bool {
	switch state {
	case twopc.Committed:
		return s.branches.Commit(ctx, id) == nil
	case twopc.Aborted:
		return s.branches.Abort(ctx, id) == nil
	}
	return false
}
