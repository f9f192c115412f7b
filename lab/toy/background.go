package toy

import (
	"context"
	"slices"
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
	defer s.cleanUp(ctx)
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
			outcome := httpapi.OutcomeOf(err)
			if outcome != httpapi.Done && outcome != httpapi.Refused && !s.givesUp(id) {
				s.leave(id)
			}
			if s.flaw == RunFails && err != nil {
				return err
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
	s.open, s.again = nil, append(s.again, open...)
	return open
}

// tookUp tells whether the background has had an order.
func (s *shop) tookUp(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.again, id)
}

// park sets an order's receipt aside.
func (s *shop) park(ctx context.Context, id string) error {
	return s.db.Update(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec("INSERT INTO parked VALUES (?)", id)
		return err
	})
}

// forget removes an order that is refused.
func (s *shop) forget(ctx context.Context, id string) error {
	return s.db.Update(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec("DELETE FROM orders WHERE id = ?", id)
		return err
	})
}

// enter takes a place for an order, if there is one.
func (s *shop) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inside == s.room {
		return false
	}
	s.inside++
	return true
}

// leavePlace gives an order's place back.
func (s *shop) leavePlace(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flaw == PlaceKept && err != nil {
		return
	}
	s.inside--
}
