package shop

import (
	"context"
	"log/slog"
	"sync"

	"example.com/dtx/internal/sqlite"
)

// Run carries out sagas until ctx is done; at first those that the process before
// this one has left.
func (s *Orders) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	left, err := s.left(ctx)
	if err != nil {
		return err
	}
	for {
		for _, j := range left {
			all.Go(func() { s.do(ctx, j) })
		}
		select {
		case j := <-s.begun:
			left = []job{j}
		case <-ctx.Done():
			return nil
		}
	}
}

func (s *Orders) do(ctx context.Context, j job) {
	defer s.leave(j.saga.Order.ID)
	if err := j.carry(ctx, j.saga); err != nil && ctx.Err() == nil {
		slog.ErrorContext(ctx, "saga left", "saga", j.saga.Order.ID, "error", err)
	}
}

// left claims the sagas that have not ended and that nobody is at.
func (s *Orders) left(ctx context.Context) (jobs []job, err error) {
	err = s.db.View(ctx, func(tx *sqlite.Tx) error {
		rows, err := tx.Query("SELECT id, customer, item, quantity, slot, cents, phase FROM orders JOIN sagas USING (id) WHERE phase IN (?, ?)", Forward, Backward)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var saga Saga
			o := &saga.Order
			if err := rows.Scan(&o.ID, &o.Customer, &o.Item, &o.Quantity, &o.Slot, &o.Cents, &saga.Phase); err != nil {
				return err
			}
			if saga.Steps, err = s.yours.Plan(*o); err != nil {
				return err
			}
			if ended, mine := s.claim(o.ID); mine {
				jobs = append(jobs, job{saga, s.recover, ended})
			}
		}
		return rows.Err()
	})
	return jobs, err
}
