package exercise

import (
	"context"
	"database/sql"

	"example.com/dtx/course/stub"
)

// Atomic takes cents out of an account, or returns ErrTooLittle. It is a single
// statement, which reads and writes and decides, all in one: nothing can come
// in between.
//
// A statement whose condition is not met changes no row, and that is no error:
// see Changed. About 5 lines.
func Atomic(ctx context.Context, db *sql.DB, name string, cents int64) error {
	return stub.NotWritten()
}

// Versioned is for a program that has to decide in between. It reads an account,
// asks change what the account should have instead, and writes that: but only if
// it was not written since. Each write makes the account's version one more. If there
// was another write, it begins again: see Retry and ErrStale.
//
// The reading and the writing are a statement each, and no transaction joins
// them. An error of change means no: it comes back as it is, and nothing is
// written. About 15 lines.
func Versioned(ctx context.Context, db *sql.DB, name string, change Change) error {
	return stub.NotWritten()
}

// Isolated does the same in a transaction, and leaves the watching to the
// database: if another transaction has changed what this one has read, the
// database refuses to write, or to commit. Then the whole transaction is to be
// tried again, which Retry does.
//
// The database keeps that watch only for those who ask for it: without a word,
// a transaction runs at READ COMMITTED here, as it does in PostgreSQL. The
// version is of no use here, and may stay as it is. About 15 lines.
func Isolated(ctx context.Context, db *sql.DB, name string, change Change) error {
	return stub.NotWritten()
}
