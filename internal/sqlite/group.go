package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// maxGroup bounds how many updates share a commit, and so how long the first of
// them waits for the last.
const maxGroup = 64

// group is a transaction that updates share, so that one forced write serves
// all of them. They run one after the other, each in a savepoint of its own;
// whoever finds nobody waiting to join commits for all.
type group struct {
	conn      *sql.Conn
	savepoint string // its name, which no member knows
	forced    bool
	size      int           // updates that have joined
	kept      int           // of those that have, the ones that are not undone
	before    int64         // changes on the connection until it began
	broken    error         // why nobody can tell what became of it
	done      chan struct{} // closed when it has ended
	err       error         // what all are told then
}

// begin opens a transaction, and takes the write lock now: a transaction that
// reads first and asks for the lock later can be refused in the middle.
func (db *DB) begin(forced bool) (*group, error) {
	select {
	case <-db.failed:
		return nil, errors.New("the database is closed after a failed commit")
	default:
	}
	conn, err := db.writer.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	g := &group{conn: conn, savepoint: db.savepoint, forced: forced, done: make(chan struct{})}
	if err := g.open(); err != nil {
		return nil, errors.Join(err, g.close())
	}
	return g, nil
}

func (g *group) open() (err error) {
	level := "NORMAL"
	if g.forced {
		level = "FULL"
	}
	if err := g.exec("PRAGMA synchronous = " + level + "; BEGIN IMMEDIATE"); err != nil {
		return err
	}
	g.before, err = g.changes()
	return err
}

// join runs fn as a member of the group, hands the group on, and waits for its
// end. The error is fn's own, and then nothing of fn is left; or what the shared
// commit says, joined with fn's own.
func (db *DB) join(ctx context.Context, g *group, fn func(*Tx) error) (err error) {
	g.size++
	defer func() { // also when fn panics: the others must not wait for ever
		if g.broken != nil || !db.open(ctx, g) || !db.queue.pass(g) {
			db.end(ctx, g)
		}
		<-g.done // also after an error of its own, which may be due to what a neighbour has done
		if g.err != nil {
			err = errors.Join(g.err, err)
		}
	}()
	return g.run(&Tx{ctx: context.Background(), conn: g.conn, before: db.statement(ctx)}, fn)
}

// statement returns what is to be called before each statement, if anything is.
func (db *DB) statement(ctx context.Context) func() error {
	if g, ok := db.gate.(StatementGate); ok {
		return func() error { return g.Statement(ctx) }
	}
	return nil
}

// open tells whether another update may join the group. A laboratory looks at each
// by itself, unless it decides otherwise.
func (db *DB) open(ctx context.Context, g *group) bool {
	s, ok := db.gate.(Scheduler)
	return db.gate == nil || ok && s.Join(ctx, g.forced, g.size)
}

// run runs fn in a savepoint, and undoes it unless it returns nil.
func (g *group) run(tx *Tx, fn func(*Tx) error) (err error) {
	if err := g.exec("SAVEPOINT " + g.savepoint); err != nil {
		return err
	}
	keep := false
	defer func() { g.settle(tx, keep) }()
	if err := fn(tx); err != nil {
		return err
	}
	if err := g.checkKeys(); err != nil {
		return fmt.Errorf("commit refused, nothing done: %w", err)
	}
	keep = true
	return nil
}

// settle keeps or undoes what a member has done. If SQLite has ended the
// transaction in the middle, as it does when the disk is full, what the member
// did after that was committed statement by statement: nobody can tell what is
// left of the group.
func (g *group) settle(tx *Tx, keep bool) {
	tx.end() // a statement that is still under way would keep all from committing
	if !g.underWay() {
		g.broken = errors.New("the transaction ended in the middle")
		return
	}
	if !keep {
		g.broken = g.exec("ROLLBACK TO " + g.savepoint)
	}
	if g.broken == nil { // the next member has not asked to put off its keys' check
		g.broken = g.exec("RELEASE " + g.savepoint + "; PRAGMA defer_foreign_keys = OFF")
	}
	if keep {
		g.kept++
	}
}

// checkKeys refuses a member whose foreign keys would make the shared COMMIT
// fail for all. Only keys whose check is put off can: the others have been
// checked statement by statement. SQLite answers for the whole database alone.
func (g *group) checkKeys() error {
	var putOff, broken int
	const ask = `SELECT defer_foreign_keys OR EXISTS (SELECT 1 FROM sqlite_schema WHERE sql LIKE '%INITIALLY%DEFERRED%')
		FROM pragma_defer_foreign_keys`
	if err := g.scan(&putOff, ask); err != nil || putOff == 0 {
		return err
	}
	if err := g.scan(&broken, "SELECT count(*) FROM pragma_foreign_key_check"); err != nil {
		return err
	}
	if broken > 0 {
		return errors.New("FOREIGN KEY constraint failed")
	}
	return nil
}

// end commits the group, tells everybody, and gives the connection back.
func (db *DB) end(ctx context.Context, g *group) {
	returned := false
	defer func() { // also when a gate panics
		if !returned {
			g.broken = errors.New("the commit did not return")
		}
		if g.broken != nil {
			db.fail.Do(func() { close(db.failed) })
			g.err = failure{ErrUnknown, g.broken}
		}
		_ = g.close() // the transaction is over
		close(g.done)
		db.shorten()
		db.queue.leave()
	}()
	if g.broken == nil && g.kept > 0 {
		g.err = db.commit(ctx, g)
	}
	returned = true
}

// commit makes the group durable. A COMMIT after which SQLite holds the
// transaction still open is refused and not done; every other failure leaves
// the outcome open, and breaks the group.
func (db *DB) commit(ctx context.Context, g *group) error {
	after, err := g.changes()
	if err != nil {
		return fmt.Errorf("count the changes: %w", err)
	}
	var synchronous int
	if err := g.scan(&synchronous, "PRAGMA synchronous"); err != nil {
		return fmt.Errorf("read PRAGMA synchronous: %w", err)
	}
	forced := synchronous >= 2
	var refused error
	commit := func() error {
		err := g.exec("COMMIT")
		if err == nil && forced && after != g.before {
			db.forced.Add(1)
		}
		if err != nil && g.underWay() {
			refused = err
		}
		return err
	}
	if after == g.before || db.gate == nil {
		err = commit()
	} else {
		err = db.gate.Commit(ctx, forced, commit)
	}
	if refused != nil {
		return fmt.Errorf("commit refused, nothing done: %w", refused)
	}
	g.broken = err
	return err
}
