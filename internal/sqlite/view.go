package sqlite

import (
	"context"
	"errors"
)

// View runs fn on a snapshot of the database. Writes in it fail, and ctx ends it:
// the error is then ErrNotBegun, since a read does nothing.
func (db *DB) View(ctx context.Context, fn func(*Tx) error) error {
	if s, ok := db.gate.(Scheduler); ok {
		if err := s.Read(ctx); err != nil {
			return failure{ErrNotBegun, err}
		}
	}
	select {
	case <-db.failed:
		return failure{ErrNotBegun, errors.New("the database is closed after a failed commit")}
	default:
	}
	return view(ctx, db.reader, fn)
}

// Inspect runs fn on a snapshot of another owner's database: an audit's way to
// read what is true, past the service that owns it.
func Inspect(ctx context.Context, path string, fn func(*Tx) error) error {
	settings := readOnly()
	// Else the last one to close a database would move its log into it.
	settings.Set("mode", "ro")
	settings.Set("_busy_timeout", "5000") // ms: its owner may be opening or closing it
	reader, err := newPool(path, settings, 1)
	if err != nil {
		return err
	}
	return errors.Join(view(ctx, reader, fn), reader.close())
}

func view(ctx context.Context, p *pool, fn func(*Tx) error) error {
	c, err := p.take(ctx)
	if err != nil {
		return failure{ErrNotBegun, err}
	}
	begun := false
	defer func() { p.put(c, begun) }()
	if err := c.run("BEGIN DEFERRED"); err != nil {
		return failure{ErrNotBegun, err}
	}
	begun = true
	defer c.rollback() // also after a panic in fn
	tx := &Tx{ctx: ctx, conn: c.Conn}
	defer tx.end()
	if err = fn(tx); err != nil && ctx.Err() != nil {
		return failure{ErrNotBegun, err}
	}
	return err
}
