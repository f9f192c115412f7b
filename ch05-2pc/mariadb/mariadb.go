// Package mariadb keeps a participant's branches in MariaDB, as XA transactions
// (X/Open, Distributed Transaction Processing: The XA Specification, 1991).
//
// A branch is bound to its connection until it is prepared and the connection
// has ended: so each gets one of its own, which is closed for good.
//
// https://mariadb.com/docs/server/reference/sql-statements/transactions/xa-transactions
package mariadb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"

	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
)

// Schema makes the tables, one statement a line. What is in branches is
// committed, or a tombstone: a branch that is only prepared is not to be seen.
// Names are compared as they are: by default "Ada" is ada, and pays with her money.
const Schema = `
CREATE TABLE accounts (name VARCHAR(64) PRIMARY KEY, amount BIGINT NOT NULL CHECK (amount >= 0)) ENGINE=InnoDB COLLATE utf8mb4_nopad_bin;
CREATE TABLE branches (id VARCHAR(128) PRIMARY KEY, order_id VARCHAR(64) NOT NULL, name VARCHAR(64) NOT NULL, amount BIGINT NOT NULL, state VARCHAR(16) NOT NULL) ENGINE=InnoDB COLLATE utf8mb4_nopad_bin;
`

// The errors that mean something here.
// https://mariadb.com/docs/server/reference/error-codes
const (
	lockWaitTimeout = 1205
	notA            = 1397 // XAER_NOTA: no such transaction, or one still bound to its connection
)

// Branches keeps branches. It is a participant.Branches.
type Branches struct {
	db    *sql.DB
	name  string
	rules participant.Rules
}

// New returns branches in a database. By the participant's name they are known
// among all that the server has prepared.
func New(db *sql.DB, name string, rules participant.Rules) Branches { return Branches{db, name, rules} }

// Prepare is part of participant.Branches.
func (b Branches) Prepare(ctx context.Context, id string, w participant.Wanted) (vote twopc.Vote, err error) {
	switch state, err := b.state(ctx, id); {
	case err != nil:
		return vote, err
	case state == "aborted":
		return vote, httpapi.Unavailable.With("%s was aborted", id)
	case state != "":
		return twopc.Vote{Vote: twopc.Yes}, nil
	}
	err = b.once(ctx, func(conn *sql.Conn) (err error) {
		if _, err := conn.ExecContext(ctx, "XA START "+b.xid(id)); err != nil {
			return err
		}
		if vote, err = b.work(ctx, conn, id, w); err != nil || vote.Vote == twopc.ReadOnly {
			return err // the connection ends, and with it all that it did
		}
		if _, err := conn.ExecContext(ctx, "XA END "+b.xid(id)); err != nil {
			return err
		}
		_, err = conn.ExecContext(ctx, "XA PREPARE "+b.xid(id))
		return err
	})
	if is(err, lockWaitTimeout) {
		return vote, httpapi.Locked.With("%s is locked", w.Name)
	}
	return vote, err
}

// once runs do on a connection of its own, and closes that for good.
func (b Branches) once(ctx context.Context, do func(*sql.Conn) error) error {
	conn, err := b.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer func() { _ = conn.Raw(func(any) error { return driver.ErrBadConn }) }() // the pool does not take it back
	return do(conn)
}

// work is what the transaction does: its effect, and the record of it, by which
// a commit that comes again is known.
func (b Branches) work(ctx context.Context, conn *sql.Conn, id string, w participant.Wanted) (vote twopc.Vote, err error) {
	var left int64
	err = conn.QueryRowContext(ctx, "SELECT amount FROM accounts WHERE name = ? FOR UPDATE NOWAIT", w.Name).Scan(&left)
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
	if _, err := conn.ExecContext(ctx, "UPDATE accounts SET amount = amount - ? WHERE name = ?", w.Amount, w.Name); err != nil {
		return vote, err
	}
	_, err = conn.ExecContext(ctx, "INSERT INTO branches VALUES (?, ?, ?, ?, 'committed')", id, w.Order, w.Name, w.Amount)
	return twopc.Vote{Vote: twopc.Yes}, err
}

// Commit is part of participant.Branches. XAER_NOTA does not mean that it is
// done: the record that a branch leaves does, and a branch that is listed still
// is only bound to a connection that is ending.
func (b Branches) Commit(ctx context.Context, id string) error {
	_, err := b.db.ExecContext(ctx, "XA COMMIT "+b.xid(id))
	if !is(err, notA) {
		return err
	}
	switch state, err := b.state(ctx, id); {
	case err != nil:
		return err
	case state == "prepared":
		return httpapi.Unavailable.With("%s is bound to a connection that is ending", id)
	case state != "committed":
		return httpapi.NotFound.With("%s is not prepared here", id)
	}
	return nil
}

// Abort is part of participant.Branches. While the branch is bound to another
// connection, the tombstone cannot be laid: Unavailable is returned, and the
// coordinator is asked later.
func (b Branches) Abort(ctx context.Context, id string) error {
	_, err := b.db.ExecContext(ctx, "XA ROLLBACK "+b.xid(id))
	if err != nil && !is(err, notA) {
		return err
	}
	var state string
	err = b.once(ctx, func(conn *sql.Conn) error {
		if _, err := conn.ExecContext(ctx, "SET innodb_lock_wait_timeout = 0"); err != nil {
			return err
		}
		return conn.QueryRowContext(ctx, "INSERT INTO branches VALUES (?, '', '', 0, 'aborted') ON DUPLICATE KEY UPDATE id = id RETURNING state", id).Scan(&state)
	})
	switch {
	case is(err, lockWaitTimeout):
		return httpapi.Unavailable.With("%s is bound to a connection", id)
	case err == nil && state != "aborted":
		return httpapi.NotFound.With("%s is not prepared here, but %q", id, state)
	}
	return err
}

// state tells what became of a branch; "" if it is not known here. What is
// listed is looked at first: what is resolved in between has left its record.
func (b Branches) state(ctx context.Context, id string) (state string, err error) {
	doubts, err := b.InDoubt(ctx)
	if err != nil {
		return "", err
	}
	if slices.Contains(doubts, id) {
		return "prepared", nil
	}
	err = b.db.QueryRowContext(ctx, "SELECT state FROM branches WHERE id = ?", id).Scan(&state)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return state, err
}

// InDoubt is part of participant.Branches. XA RECOVER lists the whole server's
// transactions. Other people's are not for our coordinator, which has never heard
// of them, and would have them aborted.
func (b Branches) InDoubt(ctx context.Context) (ids []string, err error) {
	rows, err := b.db.QueryContext(ctx, "XA RECOVER")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var format, length, rest int
		var both string
		if err := rows.Scan(&format, &length, &rest, &both); err != nil {
			return nil, err
		}
		if id := both[:length]; both[length:] == b.name {
			ids = append(ids, id)
		}
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

// Account is part of participant.Branches: LOCK IN SHARE MODE waits for the lock.
func (b Branches) Account(ctx context.Context, name string) (a participant.Account, err error) {
	query := fmt.Sprintf("SELECT name, amount FROM accounts WHERE name = ? LOCK IN SHARE MODE WAIT %d", int(participant.ReadPatience.Seconds()))
	err = b.db.QueryRowContext(ctx, query, name).Scan(&a.Name, &a.Amount)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return a, httpapi.NotFound.With("%s", name)
	case is(err, lockWaitTimeout):
		return a, httpapi.Locked.With("%s is locked", name)
	}
	return a, err
}

// is tells whether an error is MariaDB's of this number.
func is(err error, number uint16) bool {
	e, ok := errors.AsType[*mysql.MySQLError](err)
	return ok && e.Number == number
}

// xid writes the name of a branch as XA's statements want it: the transaction's
// id, 64 bytes at most, and the branch's own part.
func (b Branches) xid(id string) string { return quote(id) + "," + quote(b.name) }

// quote writes a text as a literal: XA's statements take no parameters.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
