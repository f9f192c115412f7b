package mariadb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"

	"example.com/dtx/ch05-2pc/dbms"
	"example.com/dtx/ch05-2pc/participant"
)

// format is the format of the ids; it is what XA's statements take by default.
const format = 1

// xid writes the name of a branch as XA's statements want it: the transaction's id
// and the branch's own part, 64 bytes each.
func (b *Branches) xid(id string) string { return fmt.Sprintf("'%s','%s',%d", id, b.owner, format) }

// prepared returns the branches that are prepared. XA RECOVER lists the whole
// server's transactions. What does not carry our name is left alone.
func (b *Branches) prepared(ctx context.Context, db *sql.DB) (ids []string, err error) {
	type xid struct {
		format, id, branch int // branch and id are lengths
		both               string
	}
	xids, err := dbms.Query(ctx, db, func(x *xid) []any {
		return []any{&x.format, &x.id, &x.branch, &x.both}
	}, "XA RECOVER")
	for _, x := range xids {
		id, named := strings.CutSuffix(x.both, b.owner)
		if named && x.format == format && len(id) == x.id {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, err
}

// InDoubt is part of participant.Branches.
func (b *Branches) InDoubt(ctx context.Context) ([]string, error) { return b.prepared(ctx, b.Ends) }

// find returns the state of a branch, "" if it is not known, and whether it wants
// the same. It looks at the prepared ones first: one that is ended after that look
// has left its record.
func (b *Branches) find(
	ctx context.Context, db *sql.DB, id string, w participant.Wanted,
) (state string, same bool, err error) {
	ids, err := b.prepared(ctx, db)
	if err != nil {
		return "", false, err
	}
	if slices.Contains(ids, id) {
		list, err := contents(ctx, db, []string{id})
		return "prepared", slices.Contains(list, branch{id, w}), err
	}
	var was participant.Wanted
	const query = "SELECT order_id, name, amount, state FROM branches WHERE id = ?"
	err = db.QueryRowContext(ctx, query, id).
		Scan(&was.Order, &was.Name, &was.Amount, &state)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return state, was == w, err
}

// branch is a branch that is prepared.
type branch struct {
	id string
	participant.Wanted
}

// contents returns the contents of prepared branches. It reads what is not committed.
func contents(ctx context.Context, db *sql.DB, ids []string) ([]branch, error) {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadUncommitted, ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }() // it only reads
	places := strings.Repeat(", ?", len(ids))
	return dbms.Query(ctx, tx, func(b *branch) []any {
		return []any{&b.id, &b.Order, &b.Name, &b.Amount}
	}, "SELECT id, order_id, name, amount FROM branches WHERE id IN (NULL"+places+")", args...)
}

// Accounts is part of participant.Branches.
func (b *Branches) Accounts(ctx context.Context) ([]participant.Account, error) {
	return b.accounts(ctx, "")
}

// Account is part of participant.Branches.
func (b *Branches) Account(ctx context.Context, name string) (participant.Account, error) {
	list, err := b.accounts(ctx, "WHERE name = ?", name)
	return participant.One(list, name, err)
}

// accounts reads accounts without a lock. It looks at the locks first: a branch that
// is not prepared by then is committed, which the amount shows, or not decided yet.
func (b *Branches) accounts(
	ctx context.Context, where string, args ...any,
) ([]participant.Account, error) {
	ids, err := b.prepared(ctx, b.Reads)
	if err != nil {
		return nil, err
	}
	held, err := contents(ctx, b.Reads, ids)
	if err != nil {
		return nil, err
	}
	locks := map[string]string{}
	for _, h := range held {
		locks[h.Name] = h.id
	}
	list, err := dbms.Query(ctx, b.Reads, func(a *participant.Account) []any {
		return []any{&a.Name, &a.Amount}
	}, "SELECT name, amount FROM accounts "+where+" ORDER BY name", args...)
	for i, a := range list {
		list[i].Lock = locks[a.Name]
	}
	return list, err
}

// is tells whether an error is MariaDB's of this number.
func is(err error, number uint16) bool {
	e, ok := errors.AsType[*mysql.MySQLError](err)
	return ok && e.Number == number
}
