package exercise

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch03-transactions/exercise/tap"
	"example.com/dtx/lab/grade"
)

// path is a way in which a transaction's function ends, when it has written two rows.
type path struct {
	name   string
	panics bool
	end    func() (string, error)
}

const panics = "mine" // what a function panics with

// paths are all ways. A function's goroutine ends where a test calls t.FailNow.
func paths() []path {
	return []path{
		{"returned its receipt", false, func() (string, error) { return "receipt", nil }},
		{"returned an error", false, func() (string, error) { return "half a receipt", errMine }},
		{"panicked", true, func() (string, error) { panic(panics) }},
		{"ended its goroutine, with runtime.Goexit, as t.FailNow does", false, func() (string, error) { runtime.Goexit(); return "", nil }},
	}
}

var errMine = errors.New("an error of the function")

// blow is what strikes a statement, the first being 1.
type blow struct {
	at     int
	fate   tap.Fate
	gone   bool // the caller goes away when it arrives
	goneBy bool // or when it has been served
}

func blows() (list []blow) {
	for at := 1; at <= 4; at++ { // BEGIN, two rows, and COMMIT or ROLLBACK
		list = append(list, blow{at: at, fate: tap.Refused}, blow{at: at, fate: tap.Cut}, blow{at: at, gone: true}, blow{at: at, goneBy: true})
	}
	return append(list, blow{at: 4, fate: tap.Applied})
}

func (b blow) String() string {
	switch {
	case b.gone:
		return "the caller went away at this moment"
	case b.goneBy:
		return "the caller went away after it"
	}
	return [...]string{"", "it was refused", "the connection broke before it arrived", "it was done, and the connection broke before the answer"}[b.fate]
}

// walk is one transaction, and what came of it.
type walk struct {
	record
	path path
	blow blow
	hang context.CancelFunc

	said    []string // the verbs, in turn
	struck  string   // the verb that the blow has struck
	failed  map[string]error
	calls   int   // of the function
	fnErr   error // what the function returned
	arrived bool  // at its end
	quiet   bool  // the laboratory itself is asking

	value    string
	err      error
	panicked any
	returned bool
	rows     int
}

// Before strikes the statement that is planned, and After keeps what came of it.
// A ROLLBACK cannot be refused by a database: it is let pass.
func (w *walk) Before(_ context.Context, s tap.Statement) tap.Fate {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.quiet {
		return tap.Served
	}
	w.said = append(w.said, s.Verb())
	if w.blow.at != len(w.said) || s.Verb() == "ROLLBACK" && w.blow.fate == tap.Refused || s.Verb() != "COMMIT" && w.blow.fate == tap.Applied {
		return tap.Served
	}
	w.struck = s.Verb()
	if w.blow.gone {
		w.hang()
	}
	return w.blow.fate
}

func (w *walk) After(s tap.Statement, result string, err error) {
	w.mu.Lock()
	quiet, fault := w.quiet, ""
	if !quiet {
		w.failed[s.Verb()] = cmp.Or(w.failed[s.Verb()], err)
		if w.struck == s.Verb() && w.blow.at == len(w.said) {
			fault = w.blow.String()
			if w.blow.goneBy {
				w.hang()
			}
		}
	}
	w.mu.Unlock()
	if !quiet {
		w.exchange("InTx", s, result, err, fault)
	}
}

// take walks a path with a blow.
func take(t *grade.T, p path, b blow) *walk {
	t.Helper()
	ctx, hang := context.WithCancel(t.Context())
	defer hang()
	w := &walk{path: p, blow: b, hang: hang, failed: map[string]error{}, quiet: true}
	db := tap.Open(t.TempDir()+"/bank.db", 1, w)
	_, err := db.ExecContext(t.Context(), Schema)
	require.NoError(t, err)
	w.quiet = false
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer func() { w.panicked = recover() }()
		w.value, w.err = InTx(ctx, db, func(tx *sql.Tx) (string, error) { return w.fn(ctx, tx) })
		w.returned = true
	}()
	<-ended
	requireWritten(t, w.err)
	w.look(t, db)
	t.Progress()
	return w
}

// fn is the transaction's function.
func (w *walk) fn(ctx context.Context, tx *sql.Tx) (value string, err error) {
	w.calls++
	defer func() { w.fnErr = err }()
	for _, name := range []string{"ada", "bob"} {
		if _, err := tx.ExecContext(ctx, "INSERT INTO accounts VALUES (?, 1000, 1)", name); err != nil {
			return "", fmt.Errorf("write %s: %w", name, err)
		}
	}
	w.arrived = true
	return w.path.end()
}

// look counts the rows, on the one connection that there is.
func (w *walk) look(t *grade.T, db *sql.DB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for w.callerGone() && db.Stats().InUse > 0 && ctx.Err() == nil {
		time.Sleep(time.Millisecond) // then database/sql rolls back on a goroutine of its own, and tells nobody when
	}
	if db.Stats().InUse > 0 {
		w.found(t, "the connection never came back: the transaction is still open, holds its locks, and nobody can end it any more")
	}
	w.mu.Lock()
	w.quiet = true
	w.mu.Unlock()
	require.NoError(t, db.QueryRowContext(ctx, "SELECT count(*) FROM accounts").Scan(&w.rows))
	require.NoError(t, db.Close())
}

// found ends the step with this walk.
func (w *walk) found(t *grade.T, text string) {
	t.Helper()
	done := "the function wrote two rows, and " + w.path.name
	switch {
	case w.calls == 0:
		done = "the function was not called"
	case !w.arrived:
		done = "the function came to its first or second row, and returned its error"
	}
	if w.struck != "" {
		done += fmt.Sprintf(";\n         %s: %s", w.struck, w.blow)
	}
	t.WrongRun(done, text, []string{"InTx", database}, w.end(text))
}
