package participant

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"

	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
)

// maxOwner is what MariaDB has room for, in bytes.
const maxOwner = 64

// Owner returns the name that a participant's branches carry in a database server,
// where other shops, databases and participants prepare transactions, too.
func Owner(shop, database, participant string) (string, error) {
	escape := url.PathEscape
	owner := escape(shop) + "/" + escape(database) + "/" + escape(participant)
	if len(owner) > maxOwner {
		return "", fmt.Errorf("the name %s has %d bytes, %d at most", owner, len(owner), maxOwner)
	}
	return owner, nil
}

// Pools are connections to a database server, of which it allows so many. Reads and
// votes may have to wait for a branch: what ends it has connections of its own.
type Pools struct{ Reads, Votes, Ends *sql.DB }

// Connect returns pools. They do not connect yet.
func Connect(c driver.Connector) Pools {
	pool := func(connections int) *sql.DB {
		db := sql.OpenDB(c)
		db.SetMaxOpenConns(connections)
		db.SetMaxIdleConns(connections)
		return db
	}
	return Pools{Reads: pool(4), Votes: pool(20), Ends: pool(8)}
}

// Close closes all connections.
func (p Pools) Close() error {
	return errors.Join(p.Reads.Close(), p.Votes.Close(), p.Ends.Close())
}

// Repeat answers a request to prepare a branch that is known already: its first
// vote, if it is the same branch.
func Repeat(id, state string, same bool) (twopc.Vote, error) {
	switch {
	case state == aborted:
		return twopc.Vote{}, httpapi.Unavailable.With("%s was aborted", id)
	case !same:
		return twopc.Vote{}, httpapi.KeyReused.With("%s wanted something else", id)
	}
	return twopc.Vote{Vote: twopc.Yes}, nil
}

// Vote returns the vote of an account with so much left.
func (r Rules) Vote(w Wanted, left int64) (twopc.Vote, error) {
	switch {
	case w.Amount > r.Max:
		return twopc.Vote{},
			httpapi.Unprocessable.With("amount is %d, want 0 to %d", w.Amount, r.Max)
	case left < w.Amount:
		return twopc.Vote{}, r.Short.With("%d of %s wanted, %d left", w.Amount, w.Name, left)
	case w.Amount == 0:
		return twopc.Vote{Vote: twopc.ReadOnly}, nil
	}
	return twopc.Vote{Vote: twopc.Yes}, nil
}

// One returns the account of a name from a list that has no other.
func One(list []Account, name string, err error) (a Account, _ error) {
	switch {
	case err != nil:
		return a, err
	case len(list) == 0:
		return a, httpapi.NotFound.With("%q", name)
	case list[0].Lock != "":
		return a, httpapi.Locked.With("%s is locked by %s", name, list[0].Lock)
	}
	return list[0], nil
}

// Queryer is a database or a transaction.
type Queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Query reads every row of a query into a T, whose columns fields names.
func Query[T any](
	ctx context.Context, db Queryer, fields func(*T) []any, query string, args ...any,
) ([]T, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []T{}
	for rows.Next() {
		var row T
		if err := rows.Scan(fields(&row)...); err != nil {
			return nil, err
		}
		list = append(list, row)
	}
	return list, rows.Err()
}
