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
	lookTry    = 2                // between two looks: the pause after so many tries, half a second
	askTimeout = time.Second      // for the coordinator's answer
	restPause  = 10 * time.Second // for what another process, or a server after its death, prepares
)

// Run asks about the branches that have been in doubt for a while, and carries out
// what the coordinator answers. It looks less and less often while nothing changes. It
// returns when ctx is done.
func (s *Service) Run(ctx context.Context) error {
	var before []string // in doubt at the last look; after a start, none
	for same := 0; ctx.Err() == nil; same++ {
		doubts, err := s.branches.InDoubt(ctx)
		if err == nil {
			s.ask(ctx, doubts, before)
			if !slices.Equal(doubts, before) {
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
// and the next look tries again.
func (s *Service) ask(ctx context.Context, doubts, before []string) {
	for _, id := range doubts {
		if !slices.Contains(before, id) {
			continue
		}
		state, err := s.inquire(ctx, id)
		if err != nil && httpapi.OutcomeOf(err) != httpapi.Refused {
			return
		}
		if err == nil {
			_ = s.resolve(ctx, id, state)
		}
	}
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

func (s *Service) resolve(ctx context.Context, id string, state twopc.State) error {
	switch state {
	case twopc.Committed:
		return s.branches.Commit(ctx, id)
	case twopc.Aborted:
		return s.branches.Abort(ctx, id)
	}
	return nil
}
