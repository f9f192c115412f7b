package main

import (
	"context"
	"database/sql"
	"errors"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

func (s *service) get(ctx context.Context, id string) (j job, err error) {
	err = s.db.View(ctx, func(tx *sqlite.Tx) error {
		return orNotFound(j.scan(tx.QueryRow("SELECT "+jobColumns+" FROM jobs WHERE id = ?", id)))
	})
	return j, err
}

// window is the part of the jobs that is asked for.
type window struct {
	after, limit    int64
	schedule, state string // empty for all
}

// list reads one job more than is asked for, which tells whether there are more.
func (s *service) list(ctx context.Context, w window) (p page, err error) {
	p.Jobs = []job{}
	err = s.db.View(ctx, func(tx *sqlite.Tx) error {
		rows, err := tx.Query("SELECT "+jobColumns+` FROM jobs
			WHERE seq > ? AND (? = '' OR schedule = ?) AND (? = '' OR state = ?)
			ORDER BY seq LIMIT ?`,
			w.after, w.schedule, w.schedule, w.state, w.state, w.limit+1)
		if err != nil {
			return err
		}
		for rows.Next() {
			var j job
			if err := j.scan(rows); err != nil {
				return err
			}
			p.Jobs = append(p.Jobs, j)
		}
		return rows.Err()
	})
	if int64(len(p.Jobs)) > w.limit {
		p.Jobs = p.Jobs[:w.limit]
		p.Next = p.Jobs[w.limit-1].seq
	}
	return p, err
}

// remove deletes a job or a schedule.
func (s *service) remove(ctx context.Context, statement, id string) error {
	return s.db.Update(ctx, func(tx *sqlite.Tx) error {
		gone, err := tx.Exec(statement, id)
		if err != nil {
			return err
		}
		if n, err := gone.RowsAffected(); err != nil || n > 0 {
			return err
		}
		return httpapi.NotFound
	})
}

// orNotFound tells a client what it means that there is no row.
func orNotFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return httpapi.NotFound
	}
	return err
}
