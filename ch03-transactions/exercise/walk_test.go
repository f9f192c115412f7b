package exercise

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch03-transactions/exercise/tap"
	"example.com/dtx/course/grade"
	"example.com/dtx/course/study"
)

// walk is one transaction, and what came of it.
type walk struct {
	record
	path path
	blow blow
	hang context.CancelFunc

	said    []string // the verbs, in turn
	struck  string   // the verb that the blow has struck
	failed  map[string]error
	calls   int   // number of calls of the function
	fnErr   error // what the function returned
	arrived bool  // whether the function has arrived at its end
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
	verb, fate := s.Verb(), w.blow.fate
	w.said = append(w.said, verb)
	possible := !(verb == "ROLLBACK" && fate == tap.Refused) &&
		!(verb != "COMMIT" && fate == tap.Applied)
	if w.blow.at != len(w.said) || !possible {
		return tap.Served
	}
	w.struck = verb
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
	t.RequireWritten(w.err)
	w.look(t, db)
	t.Progress()
	return w
}

// fn is the transaction's function.
func (w *walk) fn(ctx context.Context, tx *sql.Tx) (value string, err error) {
	w.calls++
	defer func() { w.fnErr = err }()
	for _, name := range []string{"ada", "bob"} {
		const insert = "INSERT INTO accounts VALUES (?, 1000, 1)"
		if _, err := tx.ExecContext(ctx, insert, name); err != nil {
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
		// Then database/sql rolls back on a goroutine of its own, and does not say when.
		time.Sleep(time.Millisecond)
	}
	if db.Stats().InUse > 0 {
		w.found(t, "the connection never came back: "+
			"the transaction is still open, holds its locks, and can be ended no more")
	}
	w.mu.Lock()
	w.quiet = true
	w.mu.Unlock()
	require.NoError(t, db.QueryRowContext(ctx, "SELECT count(*) FROM accounts").Scan(&w.rows))
	require.NoError(t, db.Close())
}

// found ends the step with this walk.
func (w *walk) found(t *grade.T, text ...string) {
	t.Helper()
	done := "the function wrote two rows, and " + w.path.name
	switch {
	case w.calls == 0:
		done = "the function was not called"
	case !w.arrived:
		done = "the function came to its first or second row, and returned its error"
	}
	if w.struck != "" {
		done += fmt.Sprintf(";\n%s: %s", w.struck, w.blow)
	}
	f := study.Finding{Done: done, Found: text}
	t.FailWithRun(f, []string{"InTx", database}, w.end(strings.Join(text, " ")))
}
