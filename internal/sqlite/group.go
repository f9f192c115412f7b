package sqlite

import (
	"context"
	"errors"
	"fmt"
	"runtime"
)

// maxGroup bounds how many updates share a commit, and so how long the first of
// them waits for the last.
const maxGroup = 64

// group is a transaction that updates share, so that one forced write serves
// all of them. They run one after the other, each in a savepoint of its own;
// the last one, which finds none waiting to join, commits for all.
type group struct {
	*conn
	savepoint string // its name, which no member knows
	forced    bool
	size      int           // updates that have joined
	kept      int           // members whose work will be committed
	before    int64         // changes on the connection until it began
	broken    error         // why its outcome is unknown
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
	g := &group{conn: db.writer, savepoint: db.savepoint, forced: forced, done: make(chan struct{})}
	err := db.force(forced)
	if err == nil {
		err = g.run("BEGIN IMMEDIATE")
	}
	if err == nil {
		g.before, err = g.changes()
	}
	if err != nil {
		g.rollback()
		return nil, err
	}
	return g, nil
}

// The levels of PRAGMA synchronous: a commit is not forced to the disk, or it is.
const (
	normal = 1
	full   = 2
)

// force says whether commits are forced from now on, and that SQLite confirms it.
// The caller has the writer.
func (db *DB) force(forced bool) error {
	level := normal
	if forced {
		level = full
	}
	if level == db.level {
		return nil
	}
	db.level = 0 // until it is confirmed
	set := fmt.Sprintf("PRAGMA synchronous = %d", level)
	if _, err := db.writer.ExecContext(context.Background(), set); err != nil {
		return err
	}
	const confirmed = "SELECT synchronous FROM pragma_synchronous"
	if err := db.writer.scan(&db.level, confirmed); err != nil {
		db.level = 0
		return err
	}
	if db.level != level {
		return fmt.Errorf("PRAGMA synchronous is %d, want %d", db.level, level)
	}
	return nil
}

// join runs fn as a member of the group, hands the group on, and waits for its
// end. The error is fn's own, and then nothing of fn is left; or what the shared
// commit says, joined with fn's own.
func (db *DB) join(ctx context.Context, g *group, fn func(*Tx) error) (err error) {
	g.size++
	defer func() { // also when fn panics: the others must not wait for ever
		if g.broken != nil || !db.pass(ctx, g) {
			db.end(ctx, g)
		}
		<-g.done // also after an error of its own, which may be due to what a neighbour has done
		if g.err != nil {
			err = errors.Join(g.err, err)
		}
	}()
	return g.member(&Tx{ctx: context.Background(), conn: g.Conn, before: db.statement(ctx)}, fn)
}

// pass hands the group to another update, also to one that comes while this one lets
// the goroutines go on that are ready to run: under load that makes larger groups.
func (db *DB) pass(ctx context.Context, g *group) bool {
	if !db.open(ctx, g) {
		return false
	}
	if db.queue.pass(g) {
		return true
	}
	runtime.Gosched()
	return db.queue.pass(g)
}

// statement returns what is to be called before each statement, if anything is.
func (db *DB) statement(ctx context.Context) func() error {
	if g, ok := db.gate.(StatementGate); ok {
		return func() error { return g.Statement(ctx) }
	}
	return nil
}

// open tells whether another update may join the group. A laboratory looks at each
// by itself if it does not decide otherwise.
func (db *DB) open(ctx context.Context, g *group) bool {
	s, ok := db.gate.(Scheduler)
	return db.gate == nil || ok && s.Join(ctx, g.forced, g.size)
}

// member runs fn in a savepoint, and keeps what fn did only if member returns nil.
func (g *group) member(tx *Tx, fn func(*Tx) error) (err error) {
	if err := g.run("SAVEPOINT " + g.savepoint); err != nil {
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
// did after that was committed statement by statement: what is left of the group
// is unknown.
func (g *group) settle(tx *Tx, keep bool) {
	tx.end() // a statement that is still under way would keep all from committing
	if !g.underWay() {
		g.broken = errors.New("the transaction ended in the middle")
		return
	}
	if !keep {
		g.broken = g.run("ROLLBACK TO " + g.savepoint)
	}
	if g.broken == nil {
		g.broken = g.run("RELEASE " + g.savepoint)
	}
	if g.broken == nil && g.defers {
		// The next member has not asked to put off its keys' check. All that is
		// prepared is parsed anew after this.
		_, g.broken = g.ExecContext(context.Background(), "PRAGMA defer_foreign_keys = OFF")
	}
	if keep {
		g.kept++
	}
}

// checkKeys refuses a member whose foreign keys would make the shared COMMIT
// fail for all. Only keys whose check is put off can: the others have been
// checked statement by statement, and in most databases none is ever put off.
// SQLite answers for the whole database alone.
func (g *group) checkKeys() error {
	if !g.defers {
		return nil
	}
	var broken int
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
		g.rollback() // if the commit has not ended it
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
	var refused error
	commit := func() error {
		err := g.run("COMMIT")
		if err == nil && g.forced && after != g.before {
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
		err = db.gate.Commit(ctx, g.forced, commit)
	}
	if refused != nil {
		return fmt.Errorf("commit refused, nothing done: %w", refused)
	}
	g.broken = err
	return err
}
