// Package isolation measures what the transactions of SQLite, PostgreSQL and
// MariaDB keep from one another at each isolation level, and what they do not.
//
// An anomaly is something that two transactions can do together and could not
// do one after the other. Each has a script for two sessions, A and B, and a
// question that decides whether it happened (scripts.go). Play performs a script
// on real connections, Measure performs all of them at every level.
//
// The anomalies' names are from Berenson, Bernstein, Gray, Melton, O'Neil and
// O'Neil, A Critique of ANSI SQL Isolation Levels, 1995
// (https://arxiv.org/abs/cs/0701157), and from Adya, Weak Consistency, 1999
// (https://pmg.csail.mit.edu/papers/adya-phd.pdf). The model of the table is
// Martin Kleppmann's Hermitage (https://github.com/ept/hermitage).
//
// A script shows that an anomaly happens. That it does not happen in the script
// does not prove that it never does: that is for the database's manual to say.
package isolation

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Outcome is what became of an anomaly at a level.
type Outcome string

// The outcomes. Only the first is wrong; the others differ in their price.
const (
	Happens   Outcome = "happens"   // no session is told
	Aborted   Outcome = "aborted"   // a session got an error, and has to try again
	Blocked   Outcome = "blocked"   // a session waited until the other was through
	Prevented Outcome = "prevented" // no session noticed: each saw the data from before the other
)

// Measure performs every script at every level of a database.
func Measure(ctx context.Context, db Database) (Table, error) {
	version, err := db.version(ctx)
	if err != nil {
		return Table{}, fmt.Errorf("ask %s for its version: %w", db.Name, err)
	}
	t := Table{Database: db.Name, Version: version}
	for _, level := range db.Levels {
		t.Levels = append(t.Levels, level.Name)
		for _, script := range Scripts() {
			run, err := Play(ctx, db, level, script)
			if err != nil {
				return Table{}, err
			}
			t.Runs = append(t.Runs, run)
		}
	}
	return t, nil
}

// Tell performs one script at one level, both by name.
func Tell(ctx context.Context, db Database, level, anomaly string) (Run, error) {
	for _, l := range db.Levels {
		for _, s := range Scripts() {
			if l.Name == level && s.Anomaly == anomaly {
				return Play(ctx, db, l, s)
			}
		}
	}
	return Run{},
		fmt.Errorf("%s has no level %q, or there is no anomaly %q", db.Name, level, anomaly)
}

// version asks the database which version it is.
func (db Database) version(ctx context.Context) (version string, err error) {
	stage, err := db.newStage(ctx, db.Levels[0])
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, stage.close()) }()
	err = stage.watcher.QueryRowContext(ctx, db.versionOf).Scan(&version)
	version, _, _ = strings.Cut(version, " ") // what follows is the
	version, _, _ = strings.Cut(version, "-") // distribution's addition
	return version, err
}
