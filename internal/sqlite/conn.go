package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strings"
)

// conn is a connection, with what the package says on it again and again: SQLite
// parses each such statement once. No caller can interrupt one: a group belongs to
// others, too.
type conn struct {
	*sql.Conn
	prepared map[string]*sql.Stmt
	defers   bool // whether the check of a foreign key may be put off
}

// connection takes a connection out of a pool, for good.
func connection(ctx context.Context, db *sql.DB) (*conn, error) {
	c, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, prepared: map[string]*sql.Stmt{}}, nil
}

// What a statement does, in the numbers of SQLite's authorizer
// (https://www.sqlite.org/c3ref/c_alter_table.html).
const (
	setsPragma  = 19
	updatesRows = 23
)

// authorized is a driver's connection. SQLite calls the function whenever it parses a
// statement, once for each thing that the statement does.
type authorized interface {
	RegisterAuthorizer(func(action int, on, detail, database string) (refusal int))
}

// noticeDefer notes from now on when a statement is parsed that can put off the check of
// a foreign key: by the PRAGMA for it, or by a change of the schema.
func (c *conn) noticeDefer() error {
	return c.Raw(func(driver any) error {
		driver.(authorized).RegisterAuthorizer(func(action int, on, _, _ string) int {
			c.defers = c.defers || action == updatesRows && on == "sqlite_master" ||
				action == setsPragma && strings.EqualFold(on, "defer_foreign_keys")
			return 0
		})
		return nil
	})
}

// run runs a statement that returns no rows.
func (c *conn) run(statement string) error {
	stmt, err := c.prepare(statement)
	if err == nil {
		_, err = stmt.ExecContext(context.Background())
	}
	return err
}

// scan reads the only column of a query's only row.
func (c *conn) scan(field any, query string) error {
	stmt, err := c.prepare(query)
	if err != nil {
		return err
	}
	return stmt.QueryRowContext(context.Background()).Scan(field)
}

func (c *conn) prepare(statement string) (stmt *sql.Stmt, err error) {
	stmt, ok := c.prepared[statement]
	if !ok {
		stmt, err = c.PrepareContext(context.Background(), statement)
	}
	if err == nil {
		c.prepared[statement] = stmt
	}
	return stmt, err
}

// underWay tells whether the connection is inside a transaction.
func (c *conn) underWay() (open bool) {
	_ = c.Raw(func(driver any) error {
		open = !driver.(interface{ AutoCommit() bool }).AutoCommit()
		return nil
	})
	return open
}

// changes counts what the connection has ever changed: rows, and the schema.
func (c *conn) changes() (n int64, err error) {
	var version int64
	if err = c.scan(&n, "SELECT total_changes()"); err == nil {
		err = c.scan(&version, "PRAGMA schema_version")
	}
	return n + version, err
}

// rollback ends the transaction if one is under way. An error means that it has just
// ended.
func (c *conn) rollback() {
	if c.underWay() {
		_ = c.run("ROLLBACK")
	}
}

// close gives the connection back to the pool that it comes from. To close it again
// does nothing.
func (c *conn) close() (err error) {
	for _, stmt := range c.prepared {
		err = errors.Join(err, stmt.Close())
	}
	clear(c.prepared)
	if closed := c.Close(); !errors.Is(closed, sql.ErrConnDone) {
		err = errors.Join(err, closed)
	}
	return err
}
