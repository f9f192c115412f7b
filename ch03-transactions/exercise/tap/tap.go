// Package tap opens a SQLite database whose every statement can be seen, held
// back, and made to fail. It stands between database/sql and the driver, where a
// program that uses database/sql cannot tell.
//
// In one thing the database behaves as PostgreSQL does, and not as SQLite: a
// transaction that asks for no isolation level runs at READ COMMITTED. What it
// reads, another one may change before it writes.
package tap

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/mattn/go-sqlite3"
)

// Statement is what a program says to its database: a statement with what was
// put in for its question marks, or BEGIN, COMMIT, ROLLBACK.
type Statement struct {
	Text string
	Args []any
}

// Verb is the statement's first word.
func (s Statement) Verb() string {
	verb, _, _ := strings.Cut(strings.TrimSpace(s.Text), " ")
	return strings.ToUpper(verb)
}

// Fate is what becomes of a statement.
type Fate int

// The fates.
const (
	Served  Fate = iota
	Refused      // the database does not do it, and says so
	Cut          // the connection breaks before the database has heard it
	Applied      // the connection breaks when the database has done it
)

// Errors of a tapped database.
var (
	ErrRefused = errors.New("the database refuses the statement")
	ErrBroken  = errors.New("the connection is broken")
)

// Tap hears of each statement before the database does.
type Tap interface {
	// Before returns what is to become of it. The statement waits for that.
	Before(ctx context.Context, s Statement) Fate
	// After is told what became of it, in a word or two.
	After(s Statement, result string, err error)
}

// Open opens a database for up to n connections, with a tap on each. Who cannot
// have a lock is told at once that the database is locked.
func Open(path string, n int, t Tap) *sql.DB {
	settings := url.Values{
		"_journal_mode": {"WAL"},
		"_busy_timeout": {"0"},
		"_foreign_keys": {"on"},
		"_synchronous":  {"OFF"}, // here, nothing cuts the power
	}
	file := url.URL{
		Scheme:   "file",
		Path:     "/" + strings.TrimPrefix(filepath.ToSlash(path), "/"),
		RawQuery: settings.Encode(),
	}
	db := sql.OpenDB(connector{file.String(), t})
	db.SetMaxOpenConns(n)
	return db
}

// connector makes connections.
type connector struct {
	name string
	tap  Tap
}

func (c connector) Driver() driver.Driver { return &sqlite3.SQLiteDriver{} }

func (c connector) Connect(context.Context) (driver.Conn, error) {
	to, err := c.Driver().Open(c.name)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: to, tap: c.tap}, nil
}
