// Package dbms is what participants have in common whose branches are in a database
// server: a name for their branches there, and connections.
package dbms

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
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
