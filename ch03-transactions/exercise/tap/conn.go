package tap

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
)

// conn is a connection with a tap on it.
type conn struct {
	driver.Conn
	tap    Tap
	broken bool
	lazy   bool // a transaction at READ COMMITTED has written nothing yet
}

// ResetSession and IsValid keep a broken connection out of the pool.
func (c *conn) ResetSession(context.Context) error {
	if c.broken {
		return driver.ErrBadConn
	}
	return nil
}
func (c *conn) IsValid() bool { return !c.broken }

// pass has a statement served, as its fate will have it.
func (c *conn) pass(
	ctx context.Context, s Statement, serve func(context.Context) (string, error),
) (err error) {
	result := ""
	defer func() { c.tap.After(s, result, err) }()
	fate := c.tap.Before(ctx, s)
	switch {
	case c.broken:
		return ErrBroken
	case fate == Refused:
		return ErrRefused
	case fate == Cut:
		return c.cut()
	case ctx.Err() != nil:
		return ctx.Err()
	}
	result, err = serve(context.WithoutCancel(ctx)) // what is heard is served
	if fate == Applied && err == nil {
		return c.cut()
	}
	return err
}

// cut breaks the connection: what is not committed is gone.
func (c *conn) cut() error {
	c.broken = true
	_ = c.plain("ROLLBACK") // an error means that there is nothing to undo
	return ErrBroken
}

func (c *conn) plain(statement string) error {
	_, err := c.Conn.(driver.ExecerContext).ExecContext(context.Background(), statement, nil)
	return err
}

// lock begins, at its first write, a transaction that has only read so far.
func (c *conn) lock(query string) error {
	if !c.lazy || (Statement{Text: query}).Verb() == "SELECT" {
		return nil
	}
	c.lazy = false
	return c.plain("BEGIN IMMEDIATE")
}

func (c *conn) ExecContext(
	ctx context.Context, query string, args []driver.NamedValue,
) (done driver.Result, err error) {
	err = c.pass(ctx, statement(query, args), func(ctx context.Context) (string, error) {
		if err := c.lock(query); err != nil {
			return "", err
		}
		if done, err = c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args); err != nil {
			return "", err
		}
		n, err := done.RowsAffected()
		if n == 1 {
			return "1 row", err
		}
		return fmt.Sprintf("%d rows", n), err
	})
	return done, err
}

func (c *conn) QueryContext(
	ctx context.Context, query string, args []driver.NamedValue,
) (rows driver.Rows, err error) {
	err = c.pass(ctx, statement(query, args), func(ctx context.Context) (string, error) {
		if err := c.lock(query); err != nil {
			return "", err
		}
		found, err := c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
		if err != nil {
			return "", err
		}
		read, err := readAll(found)
		rows = read
		return read.String(), err
	})
	return rows, err
}

func (c *conn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	err := c.pass(ctx, Statement{Text: "BEGIN"}, func(context.Context) (string, error) {
		if c.lazy = sql.IsolationLevel(options.Isolation) < sql.LevelRepeatableRead; c.lazy {
			return "", nil
		}
		return "", c.plain("BEGIN")
	})
	return tx{c}, err
}

// tx ends a transaction. Its caller has no context to say so with.
type tx struct{ *conn }

func (t tx) Commit() error   { return t.end("COMMIT") }
func (t tx) Rollback() error { return t.end("ROLLBACK") }

func (t tx) end(with string) error {
	s := Statement{Text: with}
	err := t.pass(context.Background(), s, func(context.Context) (string, error) {
		if t.lazy {
			return "", nil
		}
		return "", t.plain(with)
	})
	t.lazy = false
	if err != nil {
		_ = t.plain("ROLLBACK") // for database/sql it has ended; an error means that it has
	}
	return err
}

// PrepareContext prepares nothing: the statement is said when it is executed.
func (c *conn) PrepareContext(_ context.Context, query string) (driver.Stmt, error) {
	return stmt{c, query}, nil
}

type stmt struct {
	conn  *conn
	query string
}

func (s stmt) Close() error                               { return nil }
func (s stmt) NumInput() int                              { return -1 }
func (s stmt) Exec([]driver.Value) (driver.Result, error) { return nil, driver.ErrSkip }
func (s stmt) Query([]driver.Value) (driver.Rows, error)  { return nil, driver.ErrSkip }
func (s stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return s.conn.ExecContext(ctx, s.query, args)
}
func (s stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.conn.QueryContext(ctx, s.query, args)
}

func statement(query string, args []driver.NamedValue) Statement {
	s := Statement{Text: query}
	for _, a := range args {
		s.Args = append(s.Args, a.Value)
	}
	return s
}
