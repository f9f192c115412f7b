// Package pgoutbox is an experiment on PostgreSQL: which relays send every event of an
// outbox, when transactions do not commit in the order in which they took their ids?
//
// A sequence gives its numbers out at once, and never takes one back. So a transaction
// with a smaller id may commit after one with a larger id, or never.
//
// https://www.postgresql.org/docs/current/functions-sequence.html
package pgoutbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// Schema makes an empty outbox. A row carries the id of its transaction.
const Schema = `
DROP TABLE IF EXISTS pgoutbox;
CREATE TABLE pgoutbox (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
	body text NOT NULL
);`

// Sent is what a relay sends while transaction A is open, after its end, and after a
// third transaction.
type Sent struct{ While, After, Later []string }

// Play has one relay send an outbox. Transaction A takes id 1 and stays open. B takes
// id 2 and commits. Then A ends, and at last C takes id 3 and commits.
func Play(
	ctx context.Context, db *sql.DB, r Relay, end func(*sql.Tx) error,
) (sent Sent, err error) {
	a, err := begin(ctx, db)
	if err != nil {
		return sent, err
	}
	defer func() { _ = a.Rollback() }() // does nothing when it has ended
	run := NewRun(db, r)
	if err = Write(ctx, db, "B"); err != nil {
		return sent, err
	}
	if sent.While, err = run.Poll(ctx); err != nil {
		return sent, err
	}
	if err = end(a); err != nil {
		return sent, err
	}
	if sent.After, err = run.PollSettled(ctx); err != nil {
		return sent, err
	}
	if err = Write(ctx, db, "C"); err != nil {
		return sent, err
	}
	sent.Later, err = run.PollSettled(ctx)
	return sent, err
}

// begin makes an empty outbox, and transaction A with its event.
func begin(ctx context.Context, db *sql.DB) (*sql.Tx, error) {
	if _, err := db.ExecContext(ctx, Schema); err != nil {
		return nil, err
	}
	a, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	if _, err = a.ExecContext(ctx, insert, "A"); err != nil {
		return nil, errors.Join(err, a.Rollback())
	}
	return a, nil
}

const insert = "INSERT INTO pgoutbox (body) VALUES ($1)"

// Write writes an event in a transaction of its own.
func Write(ctx context.Context, db *sql.DB, body string) error {
	_, err := db.ExecContext(ctx, insert, body)
	return err
}

// Table plays every relay, and shows what each has sent.
func Table(ctx context.Context, db *sql.DB) ([][]string, error) {
	table := [][]string{{
		"relay", "A open, B committed", "A commits", "C commits", "A rolls back", "C commits",
	}}
	for _, r := range Relays() {
		late, err := Play(ctx, db, r, (*sql.Tx).Commit)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.Name, err)
		}
		never, err := Play(ctx, db, r, (*sql.Tx).Rollback)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.Name, err)
		}
		row := []string{r.Name}
		for _, list := range [][]string{
			late.While, late.After, late.Later, never.After, never.Later,
		} {
			row = append(row, strings.Join(list, " "))
		}
		table = append(table, row)
	}
	return table, nil
}
