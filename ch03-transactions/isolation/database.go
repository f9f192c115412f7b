package isolation

import (
	"context"
	"database/sql"
)

// Database is a database to measure: SQLite, Postgres or MariaDB. What they do
// in ways of their own is said here, and nowhere else.
type Database struct {
	Name   string
	Levels []Level

	open      func(name string, l Level) (*sql.DB, error)
	schema    schema
	versionOf string // asks for the version
	idOf      string // asks for the number by which the database knows a session
	// waits tells whether the session of that number waits for a lock.
	waits func(ctx context.Context, watcher *sql.Conn, id int) (bool, error)
	// refusal returns the name of an error by which the database ends a
	// transaction for the sake of another one, and "" for any other error.
	refusal func(error) string
}

// Level is an isolation level.
type Level struct {
	Name   string
	set    []string // what a session says first
	begin  string   // what it says for BEGIN
	shared bool     // the sessions share a cache
}

func (l Level) named(name string) Level {
	l.Name = name
	return l
}

// schema says how to make, enter and drop the place for one play's tables,
// which is called {name}.
type schema struct{ create, enter, drop string }
