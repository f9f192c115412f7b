// Package attach shows the last trick with which one transaction spans two
// database files, SQLite's ATTACH, and where it fails: a process that places an
// order in stock.db and payment.db is killed before each of the system calls
// that change a file, one after another, and both files are read again.
//
// With a rollback journal the two change together. SQLite saves the old pages
// of each file in a journal of its own, and the names of both journals in a
// third file, the super-journal. Deleting that one file is the commit: as long
// as it is there, both journals are played back, and once it is gone, neither
// (https://www.sqlite.org/atomiccommit.html, section 5).
//
// With a write-ahead log there is no such third file. Each log gets a commit
// record of its own, one after the other, and a crash between the two leaves an
// order that was taken from the shelf and never paid: "If the main database is
// ":memory:" or if the journal_mode is WAL, then transactions continue to be
// atomic within each individual database file. But if the host computer crashes
// in the middle of a COMMIT where two or more database files are updated, some
// of those files might get the changes where others might not."
// (https://www.sqlite.org/lang_attach.html)
package attach

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"example.com/dtx/ch03-transactions/strace"
)

// Journal is SQLite's way to undo, or to redo, what a crash has interrupted.
type Journal string

// The two journals.
const (
	Rollback Journal = "DELETE" // the rollback journal, deleted by each commit: SQLite's default
	WAL      Journal = "WAL"    // the write-ahead log
)

// The two files.
const (
	stock   = "stock.db"
	payment = "payment.db"
)

// What they hold before the order, and after it.
const (
	unitsBefore, unitsAfter = 10, 8
	centsBefore, centsAfter = 5000, 4000
)

// ErrNoStrace is returned when the tool is missing that kills at a system call.
var ErrNoStrace = strace.ErrMissing

// Try kills the order at each of its system calls in turn. It works in dir, and
// leaves nothing there.
func Try(ctx context.Context, dir string, j Journal) (r Result, err error) {
	folder, err := os.MkdirTemp(dir, "attach-")
	if err != nil {
		return r, fmt.Errorf("attach: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if folder, err = filepath.EvalSymlinks(folder); err != nil { // strace writes real paths
		return r, fmt.Errorf("attach: %w", err)
	}
	e := experiment{folder: folder, journal: j}
	if err := e.prepare(ctx); err != nil {
		return r, fmt.Errorf("attach: prepare: %w", err)
	}
	all, err := e.run(ctx, step{})
	if err != nil {
		return r, fmt.Errorf("attach: without a kill: %w", err)
	}
	if all.units != unitsAfter || all.cents != centsAfter || len(all.steps) == 0 {
		return r, fmt.Errorf("attach: without a kill: stock %d, payment %d after %d system calls",
			all.units, all.cents, len(all.steps))
	}
	r = Result{Journal: j}
	for i, s := range all.steps {
		k, err := e.run(ctx, s)
		if err != nil {
			return r, fmt.Errorf("attach: kill %d at %s: %w", i+1, s, err)
		}
		if len(k.steps) != i+1 || k.steps[i] != s {
			return r, fmt.Errorf("attach: kill %d at %s: it died at %v", i+1, s, k.steps)
		}
		r.Kills = append(r.Kills, Kill{N: i + 1, Call: s.String(), Units: k.units, Cents: k.cents})
	}
	return r, nil
}
