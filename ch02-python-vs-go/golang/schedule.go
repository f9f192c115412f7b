package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// plan is when a client wants it. No at means now, no every means once.
type plan struct {
	at    sql.Null[moment]
	every sql.Null[int64] // ms
}

type schedule struct {
	plan    plan
	ID      string  `json:"id"`
	Job     work    `json:"job"`
	At      moment  `json:"at"`
	Every   *int64  `json:"every_ms,omitzero"`
	Next    *moment `json:"next_at,omitzero"`
	Created moment  `json:"created_at"`
}

const (
	scheduleColumns = "id, kind, amount, wanted_at, every, at, every, next_at, created_at"
	selectSchedule  = "SELECT " + scheduleColumns + " FROM schedules WHERE id = ?"
)

func (s *schedule) scan(row interface{ Scan(...any) error }) error {
	return row.Scan(&s.ID, &s.Job.Kind, &s.Job.Amount, &s.plan.at, &s.plan.every,
		&s.At, &s.Every, &s.Next, &s.Created)
}

// addSchedule keeps a schedule, or finds the schedule that the key has made.
func (s *service) addSchedule(
	ctx context.Context, key string, wanted work, p plan,
) (found schedule, isNew bool, err error) {
	err = s.db.Update(ctx, func(tx *sqlite.Tx) error {
		err := found.scan(tx.QueryRow(selectSchedule, key))
		switch {
		case err == nil && (found.Job != wanted || found.plan != p):
			return httpapi.KeyReused.With("%s is another schedule", key)
		case err == nil || !errors.Is(err, sql.ErrNoRows):
			return err
		}
		isNew = true
		at := now()
		if p.at.Valid {
			at = p.at.V
		}
		return found.scan(tx.QueryRow(`INSERT INTO schedules
			(id, kind, amount, wanted_at, every, at, next_at, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING `+scheduleColumns,
			key, wanted.Kind, wanted.Amount, p.at, p.every, at, at, now()))
	})
	return found, isNew, err
}

func (s *service) getSchedule(ctx context.Context, id string) (found schedule, err error) {
	err = s.db.View(ctx, func(tx *sqlite.Tx) error {
		return orNotFound(found.scan(tx.QueryRow(selectSchedule, id)))
	})
	return found, err
}

// fire creates the jobs of all schedules that are due, one for each, however
// many runs were missed. It returns how long it is until the next is due.
func (s *service) fire(ctx context.Context) (wait time.Duration, err error) {
	wait = forever
	err = s.db.Update(ctx, func(tx *sqlite.Tx) error {
		began := now()
		due, err := dueSchedules(tx, began)
		if err != nil {
			return err
		}
		for _, d := range due {
			if err := s.fireOne(tx, d, began); err != nil {
				return err
			}
		}
		var next *moment
		err = tx.QueryRow("SELECT min(next_at) FROM schedules").Scan(&next)
		if next != nil {
			wait = began.until(*next)
		}
		return err
	})
	return wait, err
}

func dueSchedules(tx *sqlite.Tx, began moment) (due []schedule, err error) {
	rows, err := tx.Query("SELECT "+scheduleColumns+" FROM schedules WHERE next_at <= ?", began)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var d schedule
		if err := d.scan(rows); err != nil {
			return nil, err
		}
		due = append(due, d)
	}
	return due, rows.Err()
}

// fireOne creates a job for the last point of the grid that has passed.
func (s *service) fireOne(tx *sqlite.Tx, d schedule, began moment) error {
	if err := s.checkRoom(tx); err != nil {
		return err
	}
	due, next := d.At, sql.Null[moment]{}
	if every := d.plan.every; every.Valid {
		due = began - (began-d.At)%moment(every.V)
		next = sql.Null[moment]{V: due + moment(every.V), Valid: true}
	}
	_, err := tx.Exec(`INSERT INTO jobs
		(id, kind, amount, visible_at, created_at, schedule, due_at) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO NOTHING`,
		fmt.Sprintf("%s@%d", d.ID, due), d.Job.Kind, d.Job.Amount, began, began, d.ID, due)
	if err == nil {
		_, err = tx.Exec("UPDATE schedules SET next_at = ? WHERE id = ?", next, d.ID)
	}
	return err
}
