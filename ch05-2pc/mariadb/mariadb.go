// Package mariadb keeps a participant's branches in MariaDB, as XA transactions
// (X/Open, Distributed Transaction Processing: The XA Specification, 1991).
//
// A branch is bound to its connection until it is prepared and the connection
// has ended. So each branch gets a connection of its own, which is closed for good.
//
// https://mariadb.com/docs/server/reference/sql-statements/transactions/xa-transactions
package mariadb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"

	"github.com/go-sql-driver/mysql"

	"example.com/dtx/ch05-2pc/dbms"
	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
)

// Schema makes the tables. A row of branches is a committed branch or a tombstone:
// the row of a prepared branch is not visible yet. Names are compared byte by byte: by
// default "Ada" is ada, and pays with her money.
const Schema = `
CREATE TABLE accounts (name VARCHAR(64) PRIMARY KEY, amount BIGINT NOT NULL CHECK (amount >= 0))
	ENGINE=InnoDB COLLATE utf8mb4_nopad_bin;
CREATE TABLE branches (id VARCHAR(128) PRIMARY KEY, order_id VARCHAR(64) NOT NULL,
	name VARCHAR(64) NOT NULL, amount BIGINT NOT NULL, state VARCHAR(16) NOT NULL)
	ENGINE=InnoDB COLLATE utf8mb4_nopad_bin;
`

// The errors that mean something here.
// https://mariadb.com/docs/server/reference/error-codes
const (
	lockWaitTimeout = 1205
	notA            = 1397 // XAER_NOTA: no such transaction, or one still bound to its connection
	tooLong         = 1406 // a text that the column has no room for
)

// Branches keeps branches. It is a participant.Branches.
type Branches struct {
	dbms.Pools
	owner string
	rules participant.Rules
}

// Open returns the branches of a shop's participant. It does not connect yet.
func Open(dsn, shop, name string, rules participant.Rules) (*Branches, error) {
	c, err := mysql.ParseDSN(dsn)
	if err != nil {
		return nil, err
	}
	owner, err := dbms.Owner(shop, c.DBName, name)
	if err != nil {
		return nil, err
	}
	c.Logger = &mysql.NopLogger{} // its errors say all there is
	c.Params = map[string]string{"innodb_lock_wait_timeout": "0", "lock_wait_timeout": "0"}
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return nil, err
	}
	return &Branches{dbms.Connect(connector), owner, rules}, nil
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
	// The connection ends, and all that is not prepared.
	defer func() { _ = conn.Raw(func(any) error { return driver.ErrBadConn }) }()
	if _, err := conn.ExecContext(ctx, "XA START "+b.xid(id)); err != nil {
		return vote, err
	}
	if vote, err = b.effect(ctx, conn, id, w); err != nil || vote.Vote == twopc.ReadOnly {
		return vote, err
	}
	if _, err := conn.ExecContext(ctx, "XA END "+b.xid(id)); err != nil {
		return vote, err
	}
	_, err = conn.ExecContext(ctx, "XA PREPARE "+b.xid(id))
	return vote, err
}

// effect is what the transaction does: it takes what is wanted, and records the
// branch, by which a commit that comes again is known.
func (b *Branches) effect(
	ctx context.Context, conn *sql.Conn, id string, w participant.Wanted,
) (vote twopc.Vote, err error) {
	const (
		lock   = "SELECT amount FROM accounts WHERE name = ? FOR UPDATE"
		take   = "UPDATE accounts SET amount = amount - ? WHERE name = ?"
		record = "INSERT INTO branches VALUES (?, ?, ?, ?, 'committed')"
	)
	var left int64
	err = conn.QueryRowContext(ctx, lock, w.Name).Scan(&left)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return vote, b.rules.Unknown.With("%q", w.Name)
	case is(err, lockWaitTimeout):
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
	case is(err, lockWaitTimeout):
		return vote, httpapi.Locked.With("%s is being prepared", id)
	case is(err, tooLong):
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
	err := b.Ends.QueryRowContext(ctx, `INSERT INTO branches VALUES (?, '', '', 0, 'aborted')
		ON DUPLICATE KEY UPDATE id = id RETURNING state`, id).Scan(&state)
	switch {
	case is(err, lockWaitTimeout):
		return httpapi.Unavailable.With("%s is being prepared", id)
	case err == nil && state != "aborted":
		return httpapi.NotFound.With("%s is not prepared here, but %q", id, state)
	}
	return err
}

// end commits or rolls back a branch, if it is prepared. XAER_NOTA for one that is
// listed means that the connection that prepared it is still ending.
func (b *Branches) end(ctx context.Context, verb, id string) (ended bool, err error) {
	ids, err := b.prepared(ctx, b.Ends)
	if err != nil || !slices.Contains(ids, id) {
		return false, err
	}
	_, err = b.Ends.ExecContext(ctx, "XA "+verb+" "+b.xid(id))
	if is(err, notA) {
		return false, httpapi.Unavailable.With("%s is bound to a connection that is ending", id)
	}
	return err == nil, err
}
