package toy

import (
	"context"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Run takes up what the process before this one left open, and what requests
// leave open, until each order is done or refused.
func (s *shop) Run(ctx context.Context) error {
	if err := s.recover(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		for _, id := range s.take() {
			err := s.settle(ctx, id)
			if o := httpapi.OutcomeOf(err); o != httpapi.Done && o != httpapi.Refused {
				s.leave(id)
			}
		}
	}
}

func (s *shop) recover(ctx context.Context) error {
	return s.db.View(ctx, func(tx *sqlite.Tx) error {
		rows, err := tx.Query("SELECT id FROM orders WHERE state = 'open' ORDER BY id")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				return err
			}
			s.leave(id)
		}
		return rows.Err()
	})
}

// leave leaves an order to the background.
func (s *shop) leave(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = append(s.open, id)
}

func (s *shop) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	open := s.open
	s.open = nil
	return open
}
