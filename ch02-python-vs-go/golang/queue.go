package main

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// add puts a job into the queue, or finds the job that the key has put there.
func (s *service) add(ctx context.Context, key string, wanted work) (j job, isNew bool, err error) {
	err = s.db.Update(ctx, func(tx *sqlite.Tx) error {
		err := j.scan(tx.QueryRow("SELECT "+jobColumns+" FROM jobs WHERE id = ?", key))
		switch {
		case err == nil && j.work != wanted:
			return httpapi.KeyReused.With("%s is another job", key)
		case err == nil || !errors.Is(err, sql.ErrNoRows):
			return err
		}
		if err := s.checkRoom(tx); err != nil {
			return err
		}
		isNew = true
		return j.scan(tx.QueryRow(`INSERT INTO jobs (id, kind, amount, visible_at, created_at)
			VALUES (?, ?, ?, ?, ?) RETURNING `+jobColumns,
			key, wanted.Kind, wanted.Amount, now(), now()))
	})
	return j, isNew, err
}

// checkRoom refuses what the queue does not hold.
func (s *service) checkRoom(tx *sqlite.Tx) error {
	var waiting int
	const count = "SELECT count(*) FROM jobs WHERE state = 'waiting'"
	if err := tx.QueryRow(count).Scan(&waiting); err != nil {
		return err
	}
	if waiting >= s.config.backlog {
		return httpapi.Unavailable.With("the queue is full")
	}
	return nil
}

// claim hands out the next job. If there is none, it says how long there will
// be none, as far as it knows.
func (s *service) claim(ctx context.Context) (j job, wait time.Duration, err error) {
	wait = poll
	err = s.db.Update(ctx, func(tx *sqlite.Tx) error {
		began := now()
		_, err := tx.Exec(`UPDATE jobs
			SET state = 'dead', error = 'not finished within the visibility timeout'
			WHERE state = 'running' AND visible_at <= ? AND attempts >= ?`,
			began, s.config.attempts)
		if err != nil {
			return err
		}
		err = j.scan(tx.QueryRow(`UPDATE jobs
			SET state = 'running', attempts = attempts + 1, visible_at = ? WHERE seq = (
				SELECT seq FROM jobs WHERE state IN ('waiting', 'running') AND visible_at <= ?
				ORDER BY visible_at, seq LIMIT 1
			) RETURNING `+jobColumns, began.in(s.config.visibility), began))
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		var due *moment
		err = tx.QueryRow(`SELECT min(visible_at) FROM jobs
			WHERE state IN ('waiting', 'running')`).Scan(&due)
		if due != nil {
			wait = min(wait, began.until(*due))
		}
		return err
	})
	return j, wait, err
}

// finish notes a result if the job has not been handed out again since.
func (s *service) finish(ctx context.Context, j job, result string) error {
	return s.db.Update(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec(`UPDATE jobs SET state = 'done', result = ?
			WHERE seq = ? AND state = 'running' AND attempts = ?`,
			result, j.seq, j.Attempts)
		return err
	})
}

// fail puts a job back into the queue, or to the dead letters.
func (s *service) fail(ctx context.Context, j job, reason error) error {
	state, again := "waiting", now().in(s.config.retry<<(j.Attempts-1))
	if j.Attempts >= s.config.attempts {
		state = "dead"
	}
	return s.db.Update(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec(`UPDATE jobs SET state = ?, error = ?, visible_at = ?
			WHERE seq = ? AND state = 'running' AND attempts = ?`,
			state, reason.Error(), again, j.seq, j.Attempts)
		return err
	})
}
