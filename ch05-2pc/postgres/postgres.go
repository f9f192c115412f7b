// Package postgres keeps a participant's branches in PostgreSQL, which prepares
// transactions itself: PREPARE TRANSACTION makes one durable, locks included, and
// takes it off its connection. Any other connection can end it.
//
// https://www.postgresql.org/docs/current/sql-prepare-transaction.html
package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"example.com/dtx/ch05-2pc/dbms"
	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
)

// Schema makes the tables. A row of branches is a committed branch or a tombstone:
// the row of a prepared branch is not visible yet.
const Schema = `
CREATE TABLE accounts (name text PRIMARY KEY, amount bigint NOT NULL CHECK (amount >= 0));
CREATE TABLE branches (id text PRIMARY KEY, order_id text NOT NULL, name text NOT NULL,
	amount bigint NOT NULL, state text NOT NULL);
`

// The errors that mean something here.
// https://www.postgresql.org/docs/current/errcodes-appendix.html
const (
	notInRepertoire  = "22021" // a text that no column can hold, as one with a NUL
	undefinedObject  = "42704" // no such prepared transaction
	lockNotAvailable = "55P03"
)

// Branches keeps branches. It is a participant.Branches.
type Branches struct {
	dbms.Pools
	owner string
	rules participant.Rules
}

// Open returns the branches of a shop's participant. It does not connect yet. The
// server has to allow prepared transactions (max_prepared_transactions; 0 by default).
func Open(dsn, shop, name string, rules participant.Rules) (*Branches, error) {
	c, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	owner, err := dbms.Owner(shop, cmp.Or(c.Database, c.User), name)
	if err != nil {
		return nil, err
	}
	c.RuntimeParams["lock_timeout"] = "100ms"
	// Tombstones may be lost; PREPARE and what follows it are forced nevertheless.
	c.RuntimeParams["synchronous_commit"] = "off"
	return &Branches{dbms.Connect(stdlib.GetConnector(*c)), owner, rules}, nil
}

// Prepare is part of participant.Branches.
func (b *Branches) Prepare(
	ctx context.Context, id string, w participant.Wanted,
) (vote twopc.Vote, err error) {
	switch state, same, err := b.find(ctx, b.Votes, id, w); {
	case err != nil:
		return vote, err
	case state != "":
		return participant.Repeat(id, state, same)
	}
	conn, err := b.Votes.Conn(ctx)
	if err != nil {
		return vote, err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return vote, err
	}
	vote, err = b.effect(ctx, conn, id, w)
	end := "PREPARE TRANSACTION " + quote(b.gid(id, w))
	if err != nil || vote.Vote == twopc.ReadOnly {
		end = "ROLLBACK"
	}
	if _, failed := conn.ExecContext(ctx, end); failed != nil {
		// The pool gets no connection back whose transaction may be open.
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
		err = errors.Join(err, failed)
	}
	return vote, err
}

// effect is what the transaction does: it takes what is wanted, and records the
// branch, by which a commit that comes again is known.
func (b *Branches) effect(
	ctx context.Context, conn *sql.Conn, id string, w participant.Wanted,
) (vote twopc.Vote, err error) {
	const (
		lock   = "SELECT amount FROM accounts WHERE name = $1 FOR UPDATE NOWAIT"
		take   = "UPDATE accounts SET amount = amount - $1 WHERE name = $2"
		record = "INSERT INTO branches VALUES ($1, $2, $3, $4, 'committed')"
	)
	var left int64
	err = conn.QueryRowContext(ctx, lock, w.Name).Scan(&left)
	switch {
	case errors.Is(err, sql.ErrNoRows), is(err, notInRepertoire):
		return vote, b.rules.Unknown.With("%q", w.Name)
	case is(err, lockNotAvailable):
		return vote, httpapi.Locked.With("%s is locked", w.Name)
	case err != nil:
		return vote, err
	}
	if vote, err = b.rules.Vote(w, left); err != nil || vote.Vote == twopc.ReadOnly {
		return vote, err
	}
	if _, err := conn.ExecContext(ctx, take, w.Amount, w.Name); err != nil {
		return vote, err
	}
	_, err = conn.ExecContext(ctx, record, id, w.Order, w.Name, w.Amount)
	switch {
	case is(err, lockNotAvailable):
		return vote, httpapi.Locked.With("%s is being prepared", id)
	case is(err, notInRepertoire):
		return vote, httpapi.Unprocessable.With("order is %q", w.Order)
	}
	return vote, err
}

// Commit is part of participant.Branches. A transaction that is not prepared is not
// done for that reason: the record that it left says so.
func (b *Branches) Commit(ctx context.Context, id string) error {
	if ended, err := b.end(ctx, "COMMIT", id); ended || err != nil {
		return err
	}
	state, _, err := b.find(ctx, b.Ends, id, participant.Wanted{})
	if err == nil && state != "committed" {
		return httpapi.NotFound.With("%s is not prepared here, but %q", id, state)
	}
	return err
}

// Abort is part of participant.Branches. While another connection prepares the
// branch, no tombstone can be written: Unavailable is returned, and the participant
// asks the coordinator later.
func (b *Branches) Abort(ctx context.Context, id string) error {
	if _, err := b.end(ctx, "ROLLBACK", id); err != nil {
		return err
	}
	var state string
	err := b.Ends.QueryRowContext(ctx, `INSERT INTO branches VALUES ($1, '', '', 0, 'aborted')
		ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING state`, id).Scan(&state)
	switch {
	case is(err, lockNotAvailable):
		return httpapi.Unavailable.With("%s is being prepared", id)
	case err == nil && state != "aborted":
		return httpapi.NotFound.With("%s is not prepared here, but %q", id, state)
	}
	return err
}

// end commits or rolls back a branch, if it is prepared.
func (b *Branches) end(ctx context.Context, verb, id string) (ended bool, err error) {
	ours, err := b.prepared(ctx, b.Ends)
	gid := ours[id]
	if gid == "" || err != nil {
		return false, err
	}
	_, err = b.Ends.ExecContext(ctx, verb+" PREPARED "+quote(gid))
	if is(err, undefinedObject) { // another message has ended it
		return false, nil
	}
	return err == nil, err
}
