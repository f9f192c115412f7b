// Package postgres keeps a participant's branches in PostgreSQL, which prepares
// transactions itself: PREPARE TRANSACTION makes one durable, locks included, and
// takes it off its connection; any other one can end it.
//
// https://www.postgresql.org/docs/current/sql-prepare-transaction.html
package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver

	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
)

// Schema makes the tables. What is in branches is committed, or a tombstone: a
// branch that is only prepared is not to be seen there yet.
const Schema = `
CREATE TABLE accounts (name text PRIMARY KEY, amount bigint NOT NULL CHECK (amount >= 0));
CREATE TABLE branches (id text PRIMARY KEY, order_id text NOT NULL, name text NOT NULL, amount bigint NOT NULL, state text NOT NULL);
`

// The errors that mean something here.
// https://www.postgresql.org/docs/current/errcodes-appendix.html
const (
	undefinedObject  = "42704" // no such prepared transaction
	lockNotAvailable = "55P03"
)

// Branches keeps branches. It is a participant.Branches.
type Branches struct {
	db    *sql.DB
	rules participant.Rules
}

// New returns branches in a database. The server has to allow prepared
// transactions (max_prepared_transactions; 0 by default).
func New(db *sql.DB, rules participant.Rules) Branches { return Branches{db, rules} }

// Prepare is part of participant.Branches.
func (b Branches) Prepare(ctx context.Context, id string, w participant.Wanted) (vote twopc.Vote, err error) {
	if known, err := b.known(ctx, id); known || err != nil {
		return twopc.Vote{Vote: twopc.Yes}, err
	}
	conn, err := b.db.Conn(ctx)
	if err != nil {
		return vote, err
	}
	defer conn.Close()
	// Readers hold the row for a moment, those who have prepared for longer.
	if _, err := conn.ExecContext(ctx, "BEGIN; SET LOCAL lock_timeout = '100ms'"); err != nil {
		return vote, err
	}
	vote, err = b.work(ctx, conn, id, w)
	end := "PREPARE TRANSACTION " + quote(id)
	if err != nil || vote.Vote == twopc.ReadOnly {
		end = "ROLLBACK"
	}
	if _, failed := conn.ExecContext(ctx, end); failed != nil {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // the pool gets no connection back whose transaction may be open
		err = errors.Join(err, failed)
	}
	return vote, refusal(err, w)
}

// known tells whether a branch is prepared or committed already. Unavailable is
// returned for one that was aborted.
func (b Branches) known(ctx context.Context, id string) (bool, error) {
	var state string
	err := b.db.QueryRowContext(ctx, `SELECT state FROM branches WHERE id = $1
		UNION ALL SELECT 'prepared' FROM pg_prepared_xacts WHERE gid = $1 AND database = current_database()`, id).Scan(&state)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if state == "aborted" {
		return false, httpapi.Unavailable.With("%s was aborted", id)
	}
	return err == nil, err
}

// work is what the transaction does: its effect, and the record of it, by which
// a commit that comes again is known.
func (b Branches) work(ctx context.Context, conn *sql.Conn, id string, w participant.Wanted) (vote twopc.Vote, err error) {
	var left int64
	err = conn.QueryRowContext(ctx, "SELECT amount FROM accounts WHERE name = $1 FOR UPDATE", w.Name).Scan(&left)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return vote, b.rules.Unknown.With("%q", w.Name)
	case err != nil:
		return vote, err
	case left < w.Amount:
		return vote, b.rules.Short.With("%d of %s wanted, %d left", w.Amount, w.Name, left)
	case w.Amount == 0:
		return twopc.Vote{Vote: twopc.ReadOnly}, nil
	}
	if _, err := conn.ExecContext(ctx, "UPDATE accounts SET amount = amount - $1 WHERE name = $2", w.Amount, w.Name); err != nil {
		return vote, err
	}
	_, err = conn.ExecContext(ctx, "INSERT INTO branches VALUES ($1, $2, $3, $4, 'committed')", id, w.Order, w.Name, w.Amount)
	return twopc.Vote{Vote: twopc.Yes}, err
}

// refusal says that a row is locked as the other participants say it.
func refusal(err error, w participant.Wanted) error {
	if is(err, lockNotAvailable) {
		return httpapi.Locked.With("%s is locked", w.Name)
	}
	return err
}

// Commit is part of participant.Branches. That there is no such prepared
// transaction does not mean that it is done: the record that it left does.
func (b Branches) Commit(ctx context.Context, id string) error {
	_, err := b.db.ExecContext(ctx, "COMMIT PREPARED "+quote(id))
	if !is(err, undefinedObject) {
		return err
	}
	done, err := b.known(ctx, id)
	if err == nil && !done || errors.Is(err, httpapi.Unavailable) {
		return httpapi.NotFound.With("%s is not prepared here", id)
	}
	return err
}

// Abort is part of participant.Branches. While the branch is being prepared on
// another connection, the tombstone cannot be laid: Unavailable is returned, and
// the coordinator is asked later.
func (b Branches) Abort(ctx context.Context, id string) error {
	_, err := b.db.ExecContext(ctx, "ROLLBACK PREPARED "+quote(id))
	if err != nil && !is(err, undefinedObject) {
		return err
	}
	tx, err := b.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	if _, err := tx.ExecContext(ctx, "SET LOCAL lock_timeout = '200ms'; SET LOCAL synchronous_commit = off"); err != nil {
		return err
	}
	var state string
	err = tx.QueryRowContext(ctx, "INSERT INTO branches VALUES ($1, '', '', 0, 'aborted') ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING state", id).Scan(&state)
	switch {
	case is(err, lockNotAvailable):
		return httpapi.Unavailable.With("%s is being prepared", id)
	case err != nil:
		return err
	case state != "aborted":
		return httpapi.NotFound.With("%s is not prepared here, but %q", id, state)
	}
	return tx.Commit()
}

// InDoubt is part of participant.Branches.
func (b Branches) InDoubt(ctx context.Context) (ids []string, err error) {
	rows, err := b.db.QueryContext(ctx, "SELECT gid FROM pg_prepared_xacts WHERE database = current_database() ORDER BY gid")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// Accounts is part of participant.Branches: a plain SELECT sees what was last
// committed, and waits for nobody.
func (b Branches) Accounts(ctx context.Context) ([]participant.Account, error) {
	rows, err := b.db.QueryContext(ctx, "SELECT name, amount FROM accounts ORDER BY name")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	accounts := []participant.Account{}
	for rows.Next() {
		var a participant.Account
		if err := rows.Scan(&a.Name, &a.Amount); err != nil {
			return nil, err
		}
		accounts = append(accounts, a)
	}
	return accounts, rows.Err()
}

// Account is part of participant.Branches: FOR SHARE waits for the lock.
func (b Branches) Account(ctx context.Context, name string) (a participant.Account, err error) {
	tx, err := b.db.BeginTx(ctx, nil)
	if err != nil {
		return a, err
	}
	defer func() { _ = tx.Rollback() }() // it only reads
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("SET LOCAL lock_timeout = %d", participant.ReadPatience.Milliseconds())); err != nil {
		return a, err
	}
	err = tx.QueryRowContext(ctx, "SELECT name, amount FROM accounts WHERE name = $1 FOR SHARE", name).Scan(&a.Name, &a.Amount)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return a, httpapi.NotFound.With("%s", name)
	case is(err, lockNotAvailable):
		return a, httpapi.Locked.With("%s is locked", name)
	}
	return a, err
}

// is tells whether an error is PostgreSQL's of this code.
func is(err error, code string) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == code
}

// quote writes a text as a literal: PREPARE TRANSACTION takes no parameters.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
