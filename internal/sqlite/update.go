package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"
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
// waits for it.
func (db *DB) Update(ctx context.Context, fn func(*Tx) error) error {
	return db.update(ctx, true, fn)
}

// UpdateUnforced is Update for what may be lost in a power cut but must never
// be torn, such as the record that a protocol has ended. It costs no fsync.
// The next forced commit makes it durable too.
func (db *DB) UpdateUnforced(ctx context.Context, fn func(*Tx) error) error {
	return db.update(ctx, false, fn)
}

// View runs fn on a snapshot of the database. Writes in it fail, and ctx ends it.
func (db *DB) View(ctx context.Context, fn func(*Tx) error) error {
	if err := db.begin(ctx, nil); err != nil {
		return err
	}
	conn, err := db.reader.Conn(ctx)
	if err != nil {
		return failure{ErrNotBegun, err}
	}
	tx, end := transaction(ctx, conn)
	defer end()
	if _, err := tx.Exec("BEGIN DEFERRED"); err != nil {
		return failure{ErrNotBegun, err}
	}
	defer rollback(conn)
	return fn(tx)
}

func (db *DB) update(ctx context.Context, force bool, fn func(*Tx) error) error {
	if err := db.begin(ctx, db.gate); err != nil {
		return err
	}
	conn, err := db.writer.Conn(ctx)
	if err != nil {
		return failure{ErrNotBegun, err}
	}
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

// begin is the last moment at which a transaction can be given up for free.
func (db *DB) begin(ctx context.Context, gate Gate) error {
	select {
	case <-db.failed:
		return failure{ErrNotBegun, errors.New("the database is closed after a failed commit")}
	default:
	}
	if gate == nil {
		return nil
	}
	if err := gate.Begin(ctx); err != nil {
		return failure{ErrNotBegun, err}
	}
	return nil
}

// transaction joins a connection and the life of one transaction. Rows that fn
// left open end with it.
func transaction(ctx context.Context, conn *sql.Conn) (*Tx, func()) {
	ctx, cancel := context.WithCancel(ctx)
	return &Tx{ctx, conn}, func() {
		cancel()
		_ = conn.Close() // gives it back to its pool
	}
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

// commit ends the transaction. A COMMIT that was refused for a broken
// constraint is not done; every other failure leaves the outcome open.
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
	end := func() error {
		_, err := tx.Exec("COMMIT")
		if err == nil && forced && after != before {
			db.forced.Add(1)
		}
		return err
	}
	if after == before || db.gate == nil {
		err = end()
	} else {
		err = db.gate.Commit(ctx, forced, end)
	}
	if broken, ok := errors.AsType[sqlite3.Error](err); ok && broken.Code == sqlite3.ErrConstraint {
		return fmt.Errorf("commit refused, nothing done: %w", err)
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
		open = !driver.(*sqlite3.SQLiteConn).AutoCommit()
		return nil
	})
	return open
}

// changes counts the rows that the connection has ever changed.
func changes(tx *Tx) (n int64, err error) {
	err = tx.QueryRow("SELECT total_changes()").Scan(&n)
	return n, err
}

// rollback ends a transaction that is still open.
func rollback(conn *sql.Conn) {
	_, _ = conn.ExecContext(context.Background(), "ROLLBACK")
}
