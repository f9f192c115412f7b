package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Update runs fn in a transaction and makes it durable: when Update returns
// nil, what fn did survives a power cut. When fn returns an error, nothing of
// it was done, and Update returns that error as it is.
//
// The transaction is bound to the database's life, not to ctx: a caller who
// hangs up can still prevent the beginning (ErrNotBegun), but not tear the
// middle. After ErrUnknown the database is closed for further work (Failed).
//
// Nothing that waits for another service belongs into fn: every other writer
// waits for it. An Update within fn waits for itself, until its ctx ends.
func (db *DB) Update(ctx context.Context, fn func(*Tx) error) error {
	return db.update(ctx, true, fn)
}

// UpdateUnforced is Update for what may be lost in a power cut but must never
// be torn, such as the record that a protocol has ended. It costs no fsync,
// unless it begins a new log. The next forced commit makes it durable too.
func (db *DB) UpdateUnforced(ctx context.Context, fn func(*Tx) error) error {
	return db.update(ctx, false, fn)
}

// View runs fn on a snapshot of the database. Writes in it fail, and ctx ends it.
func (db *DB) View(ctx context.Context, fn func(*Tx) error) error {
	conn, err := db.take(ctx, db.reader)
	if err != nil {
		return failure{ErrNotBegun, err}
	}
	defer db.reader.put(conn)
	tx, end := transaction(ctx, conn)
	defer end()
	if _, err := tx.Exec("BEGIN DEFERRED"); err != nil {
		return failure{ErrNotBegun, err}
	}
	defer rollback(conn)
	return fn(tx)
}

func (db *DB) update(ctx context.Context, force bool, fn func(*Tx) error) error {
	if db.gate != nil {
		if err := db.gate.Begin(ctx); err != nil {
			return failure{ErrNotBegun, err}
		}
	}
	conn, err := db.take(ctx, db.writer)
	if err != nil {
		return failure{ErrNotBegun, err}
	}
	defer db.writer.put(conn)
	tx, end := transaction(context.WithoutCancel(ctx), conn)
	defer end()
	if err := open(tx, force); err != nil {
		return failure{ErrNotBegun, err}
	}
	defer rollback(conn) // also after a panic in fn; after COMMIT it finds nothing to do
	before, err := changes(tx)
	if err != nil {
		return fmt.Errorf("count the changes: %w", err)
	}
	err = fn(tx)
	if !underWay(conn) {
		// SQLite itself ends a transaction when, for instance, the disk is
		// full. What fn did after that was committed statement by statement.
		return db.unknown(errors.Join(errors.New("the transaction ended in the middle"), err))
	}
	if err != nil {
		return err
	}
	return db.commit(ctx, tx, before)
}

// take waits for a connection. A database that has failed meanwhile gives none.
func (db *DB) take(ctx context.Context, p *pool) (*sql.Conn, error) {
	conn, err := p.take(ctx)
	if err != nil {
		return nil, err
	}
	select {
	case <-db.failed:
		p.put(conn)
		return nil, errors.New("the database is closed after a failed commit")
	default:
		return conn, nil
	}
}

// transaction joins a connection and the life of one transaction. Rows that fn
// left open end with it.
func transaction(ctx context.Context, conn *sql.Conn) (*Tx, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	return &Tx{ctx, conn}, cancel
}

// open begins the transaction, and takes the write lock now: a transaction that
// reads first and asks for the lock later can be refused in the middle.
func open(tx *Tx, force bool) error {
	level := "FULL"
	if !force {
		level = "NORMAL"
	}
	if _, err := tx.Exec("PRAGMA synchronous = " + level); err != nil {
		return err
	}
	_, err := tx.Exec("BEGIN IMMEDIATE")
	return err
}

// commit ends the transaction. A COMMIT after which SQLite holds the transaction
// still open, such as for a broken constraint, is refused and not done; every
// other failure leaves the outcome open.
func (db *DB) commit(ctx context.Context, tx *Tx, before int64) error {
	after, err := changes(tx)
	if err != nil {
		return fmt.Errorf("count the changes: %w", err)
	}
	var synchronous int
	if err := tx.QueryRow("PRAGMA synchronous").Scan(&synchronous); err != nil {
		return fmt.Errorf("read PRAGMA synchronous: %w", err)
	}
	forced := synchronous >= 2
	var refused error
	end := func() error {
		_, err := tx.Exec("COMMIT")
		if err == nil && forced && after != before {
			db.forced.Add(1)
		}
		if err != nil && underWay(tx.conn) {
			refused = err
		}
		return err
	}
	if after == before || db.gate == nil {
		err = end()
	} else {
		err = db.gate.Commit(ctx, forced, end)
	}
	if refused != nil {
		return fmt.Errorf("commit refused, nothing done: %w", refused)
	}
	if err != nil {
		return db.unknown(err)
	}
	return nil
}

// unknown closes the database for further work: only a new process can tell
// from the file what became of the transaction.
func (db *DB) unknown(cause error) error {
	db.fail.Do(func() { close(db.failed) })
	return failure{ErrUnknown, cause}
}

// underWay tells whether the connection is inside a transaction.
func underWay(conn *sql.Conn) (open bool) {
	_ = conn.Raw(func(driver any) error {
		open = !driver.(interface{ AutoCommit() bool }).AutoCommit()
		return nil
	})
	return open
}

// changes counts what the connection has ever changed: rows, and the schema.
func changes(tx *Tx) (n int64, err error) {
	err = tx.QueryRow("SELECT total_changes() + schema_version FROM pragma_schema_version").Scan(&n)
	return n, err
}

// rollback ends a transaction that is still open.
func rollback(conn *sql.Conn) {
	_, _ = conn.ExecContext(context.Background(), "ROLLBACK")
}
