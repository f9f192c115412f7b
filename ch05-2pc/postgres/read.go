package postgres

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"example.com/dtx/ch05-2pc/dbms"
	"example.com/dtx/ch05-2pc/participant"
)

// gid returns the name of a prepared transaction, which is unique in the server. It
// ends in a fingerprint of what is wanted, since no query shows that.
func (b *Branches) gid(id string, w participant.Wanted) string {
	wanted := sha256.Sum256(fmt.Appendf(nil, "%q %q %d", w.Order, w.Name, w.Amount))
	return fmt.Sprintf("%s/%s/%x", b.owner, id, wanted[:8])
}

// id returns the id in a gid that carries our name.
func (b *Branches) id(gid string) (id string, ok bool) {
	rest, named := strings.CutPrefix(gid, b.owner+"/")
	id, _, whole := strings.Cut(rest, "/")
	return id, named && whole
}

// prepared returns the gids of the branches that are prepared, by id. What does not
// carry our name is left alone.
func (b *Branches) prepared(ctx context.Context, db *sql.DB) (map[string]string, error) {
	gids, err := dbms.Query(ctx, db, func(gid *string) []any { return []any{gid} },
		"SELECT gid FROM pg_prepared_xacts WHERE database = current_database()")
	ours := map[string]string{}
	for _, gid := range gids {
		if id, ok := b.id(gid); ok {
			ours[id] = gid
		}
	}
	return ours, err
}

// InDoubt is part of participant.Branches.
func (b *Branches) InDoubt(ctx context.Context) ([]string, error) {
	ours, err := b.prepared(ctx, b.Ends)
	return slices.Sorted(maps.Keys(ours)), err
}

// find returns the state of a branch, "" if it is not known, and whether it wants
// the same. It looks at the prepared ones first: one that is ended after that look
// has left its record.
func (b *Branches) find(
	ctx context.Context, db *sql.DB, id string, w participant.Wanted,
) (state string, same bool, err error) {
	ours, err := b.prepared(ctx, db)
	if gid := ours[id]; gid != "" || err != nil {
		return "prepared", gid == b.gid(id, w), err
	}
	var was participant.Wanted
	const query = "SELECT order_id, name, amount, state FROM branches WHERE id = $1"
	err = db.QueryRowContext(ctx, query, id).
		Scan(&was.Order, &was.Name, &was.Amount, &state)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return state, was == w, err
}

// Accounts is part of participant.Branches.
func (b *Branches) Accounts(ctx context.Context) ([]participant.Account, error) {
	return b.accounts(ctx, "")
}

// Account is part of participant.Branches.
func (b *Branches) Account(ctx context.Context, name string) (participant.Account, error) {
	list, err := b.accounts(ctx, "WHERE name = $1", name)
	return participant.One(list, name, err)
}

// accounts reads accounts without a lock: xmax is the transaction that changes a row
// and has not committed yet. It looks at the locks first: a branch that is not
// prepared by then is committed, which the amount shows, or not decided yet.
func (b *Branches) accounts(
	ctx context.Context, where string, args ...any,
) ([]participant.Account, error) {
	type lock struct{ name, gid string }
	held, err := dbms.Query(ctx, b.Reads, func(l *lock) []any {
		return []any{&l.name, &l.gid}
	}, `SELECT name, gid FROM accounts
		JOIN pg_prepared_xacts ON transaction = accounts.xmax `+where, args...)
	switch {
	case is(err, notInRepertoire):
		return nil, nil
	case err != nil:
		return nil, err
	}
	locks := map[string]string{}
	for _, h := range held {
		id, _ := b.id(h.gid)
		locks[h.name] = cmp.Or(id, h.gid)
	}
	list, err := dbms.Query(ctx, b.Reads, func(a *participant.Account) []any {
		return []any{&a.Name, &a.Amount}
	}, "SELECT name, amount FROM accounts "+where+" ORDER BY name", args...)
	for i, a := range list {
		list[i].Lock = locks[a.Name]
	}
	return list, err
}

// is tells whether an error is PostgreSQL's of this code.
func is(err error, code string) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == code
}

// quote writes a text as a literal: PREPARE TRANSACTION takes no parameters.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
