// Package sqlite opens a service's database the durable way.
//
// One file belongs to one service. All writes go through one connection, so that
// writers wait in a queue instead of fighting for SQLite's lock, and those who
// wait together share one forced write; reads go through other connections and never wait for a
// writer (https://www.sqlite.org/wal.html).
package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
)

// maxReaders bounds the connections that read at the same time.
const maxReaders = 4

// openTimeout is how long a database that is being opened waits for the lock of
// another user of the file; in ms. Once it is open, no other user holds one.
const openTimeout = "5000"

// Config says which database to open.
type Config struct {
	Path   string // the file; SQLite keeps a -wal and a -shm file beside it, and Open an -open file
	Schema string // statements that make a new database, applied once, in one transaction
	Mark   Mark   // what the file carries, and has to carry; the zero Mark lets any pass
	Gate   Gate   // stands around every writing transaction; nil lets all pass
}

// A Gate stands where a transaction meets the disk. A laboratory puts one there
// in order to see, and to break, what happens at that place.
type Gate interface {
	// Begin is called before a transaction waits for the write connection.
	// An error keeps it from beginning. Forced is what its commit will be.
	Begin(ctx context.Context, forced bool) error
	// Commit calls commit once, or never. Its error is taken for that of the
	// COMMIT itself. Forced tells whether the commit is on the disk when
	// commit returns. A transaction that changed nothing does not come here.
	Commit(ctx context.Context, forced bool, commit func() error) error
}

// A StatementGate is a Gate that stands before each statement, too.
type StatementGate interface {
	Gate
	// Watch returns the context that the transaction's Begin, Statement and
	// Commit are called with.
	Watch(ctx context.Context) context.Context
	// Statement is called before a statement. Its error is taken for the
	// statement's own.
	Statement(ctx context.Context) error
}

// A Scheduler is a Gate that also decides when reads begin and which updates share
// a commit. Behind a Gate that is no Scheduler, every update commits by itself.
type Scheduler interface {
	Gate
	// Read is called before a View begins. An error keeps it from beginning.
	Read(ctx context.Context) error
	// Join is called when a group of so many updates can take another one. If
	// Join returns true, the update that has waited longest joins the group.
	Join(ctx context.Context, forced bool, size int) bool
}

// DB is an open database. It is safe for use by several goroutines.
type DB struct {
	writers   *sql.DB // a pool of one connection
	writer    *conn
	level     int   // the writer's PRAGMA synchronous, as SQLite has confirmed it; else 0
	queue     queue // the queue for the writer
	reader    *pool
	savepoint string // the name of a member's, which no closure can guess
	gate      Gate
	owner     *owner
	path      string
	nextShort int64 // the log's size from which it is to begin anew; in bytes
	forced    atomic.Int64
	failed    chan struct{}
	fail      sync.Once
}

// Open opens the database, and makes it first if there is none. It returns an
// error if SQLite does not confirm the settings that durability hangs on.
func Open(ctx context.Context, c Config) (*DB, error) {
	owner, err := own(c.Path)
	if err != nil {
		return nil, err
	}
	if c.Mark != (Mark{}) {
		err = c.Mark.check(ctx, c.Path)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", c.Path, err), owner.close())
	}
	db, err := open(ctx, c)
	if err != nil {
		return nil, errors.Join(err, owner.close())
	}
	db.owner = owner
	return db, nil
}

func open(ctx context.Context, c Config) (*DB, error) {
	// The driver's own default in WAL mode is synchronous=NORMAL, which loses
	// acknowledged commits in a power cut: so FULL is said, and read back.
	// While it opens, Inspect may be reading the file past its owner.
	settings := url.Values{
		"_synchronous": {"FULL"}, "_journal_mode": {"WAL"}, "_foreign_keys": {"on"},
		"_busy_timeout": {openTimeout},
	}
	writers, err := connect(c.Path, settings, 1)
	if err != nil {
		return nil, err
	}
	writer, err := connection(ctx, writers)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", c.Path, err), writers.Close())
	}
	reader, err := newPool(c.Path, readOnly(), maxReaders)
	if err != nil {
		return nil, errors.Join(err, writer.Close(), writers.Close())
	}
	db := &DB{
		path: c.Path, nextShort: maxLog, savepoint: "member_" + rand.Text(),
		writers: writers, writer: writer, level: full, reader: reader,
		gate: c.Gate, failed: make(chan struct{}),
	}
	if err := db.prepare(ctx, c.Schema, c.Mark); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", c.Path, err), db.Close())
	}
	return db, nil
}

// prepare checks the settings and applies the schema to a new database.
func (db *DB) prepare(ctx context.Context, schema string, mark Mark) error {
	// On macOS a plain fsync leaves the data in the drive's cache.
	if _, err := db.writer.ExecContext(ctx, "PRAGMA fullfsync = on"); err != nil {
		return fmt.Errorf("set PRAGMA fullfsync: %w", err)
	}
	var journal string
	var synchronous, fullfsync, keys, version int
	const ask = "SELECT * FROM pragma_journal_mode, pragma_synchronous, pragma_fullfsync, " +
		"pragma_foreign_keys, pragma_user_version"
	err := db.writer.QueryRowContext(ctx, ask).
		Scan(&journal, &synchronous, &fullfsync, &keys, &version)
	if err != nil {
		return fmt.Errorf("read the settings: %w", err)
	}
	if journal != "wal" || synchronous != full || fullfsync != 1 || keys != 1 {
		const found = "journal_mode=%s synchronous=%d fullfsync=%d foreign_keys=%d, " +
			"want wal, 2, 1, 1"
		return fmt.Errorf(found, journal, synchronous, fullfsync, keys)
	}
	if version == 0 && schema != "" {
		apply := "BEGIN IMMEDIATE;" + schema + "\n;" + mark.statements() + "; COMMIT"
		if _, err := db.writer.ExecContext(ctx, apply); err != nil {
			return fmt.Errorf("apply the schema: %w", err)
		}
	}
	settings := fmt.Sprintf("PRAGMA journal_size_limit = %d; PRAGMA busy_timeout = 0", keptLog)
	if _, err := db.writer.ExecContext(ctx, settings); err != nil {
		return fmt.Errorf("set PRAGMA journal_size_limit and busy_timeout: %w", err)
	}
	const defers = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE sql LIKE '%DEFERRED%')"
	if err := db.writer.scan(&db.writer.defers, defers); err != nil {
		return fmt.Errorf("read the schema: %w", err)
	}
	return db.writer.noticeDefer()
}

// Forced returns how many commits have been forced to the disk since Open.
// Each is one fsync of the write-ahead log.
func (db *DB) Forced() int64 { return db.forced.Load() }

// Failed is closed when the outcome of a commit is unknown. The database then
// takes no further work: the process has to end, and its successor reads from
// the file what is true.
func (db *DB) Failed() <-chan struct{} { return db.failed }

// Close waits for the transactions that are under way and closes the database.
// To close it again does nothing.
func (db *DB) Close() error {
	_, _ = db.queue.enter(context.Background(), &waiter{alone: true}) // nothing ends its wait
	defer db.queue.leave()
	err := errors.Join(db.reader.close(), db.writer.close(), db.writers.Close())
	if db.owner != nil { // it has been opened
		err = errors.Join(err, db.owner.close())
	}
	return err
}
