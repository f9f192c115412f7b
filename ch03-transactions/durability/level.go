// Package durability measures what a commit's promise costs, and what it is
// worth, at three levels of SQLite's synchronous setting, with a write-ahead
// log:
//
//   - FULL: each commit forces the log to the disk before it answers.
//   - NORMAL: the log is forced only before a checkpoint copies it into the
//     database. A power cut may take the last commits back, answered or not.
//   - OFF: nothing is ever forced. A power cut may also corrupt the database,
//     for the disk may write the pages of a checkpoint in any order.
//
// (https://www.sqlite.org/pragma.html#pragma_synchronous). At every level the
// commits of a killed process are safe, because the operating system has them;
// it takes a power cut to see the difference, and years in production to meet
// one.
package durability

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	_ "github.com/mattn/go-sqlite3" // the driver registers itself
)

// Level is a value of PRAGMA synchronous.
type Level string

// The levels, from the safest to the fastest.
const (
	Full   Level = "FULL"
	Normal Level = "NORMAL"
	Off    Level = "OFF"
)

// Levels returns all of them.
func Levels() []Level { return []Level{Full, Normal, Off} }

// What a client says to its database.
const (
	commit     = "INSERT INTO note DEFAULT VALUES"
	checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)" // empties the log into the database
)

// forces tells whether the files are on the disk when the statement is
// answered. Count proves it.
func (l Level) forces(statement string) bool {
	return l == Full || l == Normal && statement == checkpoint
}

// create makes a database with a table and no rows, and all of it on the disk.
func create(ctx context.Context, path string) error {
	db, err := open(path, Full)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "CREATE TABLE note (id INTEGER PRIMARY KEY) STRICT")
	return errors.Join(err, db.Close())
}

// open opens a database with one connection. The level stands in the data
// source name, which holds for every connection of a pool; a PRAGMA that is
// executed on the pool holds for the connection that happens to get it. And
// it is said: where nothing is, this driver says NORMAL.
func open(path string, l Level) (*sql.DB, error) {
	settings := url.Values{
		"_journal_mode": {"WAL"}, "_synchronous": {string(l)}, "_busy_timeout": {"0"},
	}
	file := url.URL{
		Scheme:   "file",
		Path:     "/" + strings.TrimPrefix(filepath.ToSlash(path), "/"),
		RawQuery: settings.Encode(),
	}
	db, err := sql.Open("sqlite3", file.String())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// count returns how many rows are in a database. The ids of rows that were
// inserted one by one, and never deleted, are 1, 2, 3, …
func count(ctx context.Context, path string) (n int, err error) {
	db, err := open(path, Full)
	if err != nil {
		return 0, err
	}
	err = db.QueryRowContext(ctx, "SELECT count(*) FROM note").Scan(&n)
	return n, errors.Join(err, db.Close())
}
