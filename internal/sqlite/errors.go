package sqlite

import "errors"

// ErrUnknown is returned by Update when the COMMIT failed: the transaction may
// be durable, or it may be gone. Only reading the file again, in a new process,
// can tell. It is never "not done".
var ErrUnknown = errors.New("outcome of the commit is unknown")

// ErrNotBegun is returned when a transaction was given up before it began:
// nothing was done.
var ErrNotBegun = errors.New("transaction not begun")

// failure is an error together with the sentinel that says its outcome.
type failure struct{ outcome, cause error }

func (f failure) Error() string   { return f.outcome.Error() + ": " + f.cause.Error() }
func (f failure) Unwrap() []error { return []error{f.outcome, f.cause} }

// Unknown tells an HTTP server which of the two answers is the honest one.
func (f failure) Unknown() bool { return f.outcome == ErrUnknown }
