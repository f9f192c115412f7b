package at_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch06-tcc/at"
	"example.com/dtx/ch06-tcc/stock"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// participant is stock, and its database past it.
type participant struct {
	*testing.T
	db *sqlite.DB
	http.Handler
}

func open(t *testing.T) participant {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Config{
		Path: filepath.Join(t.TempDir(), "stock.db"), Schema: at.Schema + stock.Accounts,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return participant{t, db, at.New(db, stock.Rules())}
}

const twoOfTea = `{"name":"tea","amount":2}`

// ask sends a message and returns the answer, or the refusal as an error.
func (p participant) ask(method, path, id, body string) (string, error) {
	p.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if id != "" {
		r.Header.Set("Idempotency-Key", id)
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	answer := w.Result()
	_, err := httpapi.ReadAnswer[any](answer)
	return strings.TrimSpace(w.Body.String()), err
}

// done sends messages of one transaction, each of which is to be done.
func (p participant) done(id string, operations ...string) {
	p.Helper()
	for _, op := range operations {
		body := "{}"
		if op == "try" {
			body = twoOfTea
		}
		answer, err := p.ask("POST", "/"+op, id, body)
		require.NoError(p, err, "%s of %s", op, id)
		require.JSONEq(p, `{"done":"`+op+`"}`, answer)
	}
}

// refused sends a message that is to be refused.
func (p participant) refused(kind httpapi.Kind, id, op, body string) string {
	p.Helper()
	_, err := p.ask("POST", "/"+op, id, body)
	require.ErrorIs(p, err, kind, "%s of %s", op, id)
	return err.Error()
}

// write is a plain local transaction: it asks for no lock.
func (p participant) write(statement string) {
	p.Helper()
	require.NoError(p, p.db.Update(p.Context(), func(tx *sqlite.Tx) error {
		_, err := tx.Exec(statement)
		return err
	}))
}

// read returns the only column of a query's only row.
func (p participant) read(query string) (text string) {
	p.Helper()
	require.NoError(p, p.db.View(p.Context(), func(tx *sqlite.Tx) error {
		return tx.QueryRow(query).Scan(&text)
	}))
	return text
}

// tea is what a plain SELECT sees.
func (p participant) tea() string {
	p.Helper()
	return p.read("SELECT available FROM accounts WHERE name = 'tea'")
}

// left counts the undo logs and the global locks.
func (p participant) left() string {
	p.Helper()
	return p.read(`SELECT (SELECT count(*) FROM undo_log) || ' undo logs, ' ||
		(SELECT count(*) FROM global_locks) || ' locks'`)
}

const (
	none = "0 undo logs, 0 locks"
	one  = "1 undo logs, 1 locks"
)

func TestATryCommitsTheStatementAtOnce(t *testing.T) {
	p := open(t)
	p.done("order-1", "try")
	require.Equal(t, "8", p.tea())
	require.Equal(t, one, p.left())
}

func TestAnUndoLogHoldsTheWholeRowBeforeAndAfter(t *testing.T) {
	p := open(t)
	p.write("ALTER TABLE accounts ADD COLUMN shelf TEXT NOT NULL DEFAULT 'say ''B\"'")
	p.done("order-1", "try")
	const row = `{"name":"tea","available":10,"shelf":"say 'B\""}`
	require.JSONEq(t, row, p.read("SELECT before_image FROM undo_log"))
	after := strings.Replace(row, "10", "8", 1)
	require.JSONEq(t, after, p.read("SELECT after_image FROM undo_log"))
	p.done("order-1", "cancel")
	require.Equal(t, `tea 10 say 'B"`,
		p.read("SELECT name || ' ' || available || ' ' || shelf FROM accounts WHERE name = 'tea'"))
}

func TestAConfirmKeepsTheRowAndForgetsHowToUndoIt(t *testing.T) {
	p := open(t)
	p.done("order-1", "try", "confirm")
	require.Equal(t, "8", p.tea())
	require.Equal(t, none, p.left())
}

func TestACancelWritesTheBeforeImageBack(t *testing.T) {
	p := open(t)
	p.done("order-1", "try", "cancel")
	require.Equal(t, "10", p.tea())
	require.Equal(t, none, p.left())
}

func TestEachMessageMayComeTwice(t *testing.T) {
	p := open(t)
	p.done("order-1", "try", "try", "confirm", "confirm", "try")
	require.Equal(t, "8", p.tea())
	p.done("order-10", "try", "try", "cancel", "cancel")
	require.Equal(t, "8", p.tea())
	require.Equal(t, none, p.left())
	p.refused(httpapi.KeyReused, "order-1", "try", `{"name":"tea","amount":3}`)
}

func TestALateTryMeetsItsEmptyCancel(t *testing.T) {
	p := open(t)
	p.done("order-1", "cancel")
	p.refused(httpapi.Cancelled, "order-1", "try", twoOfTea)
	require.Equal(t, "10", p.tea())
	require.Equal(t, none, p.left())
}

func TestABrokenPromiseIsRefused(t *testing.T) {
	p := open(t)
	p.refused(httpapi.NotFound, "order-1", "confirm", "{}")
	p.done("order-1", "try", "confirm")
	p.refused(httpapi.NotFound, "order-1", "cancel", "{}")
	p.done("order-10", "cancel")
	p.refused(httpapi.NotFound, "order-10", "confirm", "{}")
}

func TestTheBusinessRefusesAndLeavesNothing(t *testing.T) {
	p := open(t)
	p.refused(httpapi.OutOfStock, "order-1", "try", `{"name":"truffle","amount":2}`)
	p.refused(httpapi.UnknownItem, "order-1", "try", `{"name":"gold","amount":2}`)
	p.refused(httpapi.Unprocessable, "order-1", "try", `{"name":"salt","amount":101}`)
	p.refused(httpapi.Unprocessable, "order-1", "try", `{"name":"salt","amount":0}`)
	require.Equal(t, none, p.left())
	p.done("order-1", "try")
}

func TestASecondOrderMeetsTheGlobalLock(t *testing.T) {
	p := open(t)
	p.done("order-1", "try")
	p.refused(httpapi.Locked, "order-10", "try", twoOfTea)
	require.Equal(t, "8", p.tea())
	p.done("order-1", "confirm")
	p.done("order-10", "try", "confirm")
	require.Equal(t, "6", p.tea())
}

func TestALockedAmountIsNoReasonForAFinalRefusal(t *testing.T) {
	p := open(t)
	_, err := p.ask("POST", "/try", "order-1", `{"name":"truffle","amount":1}`)
	require.NoError(t, err)
	p.refused(httpapi.Locked, "order-10", "try", `{"name":"truffle","amount":1}`)
	p.done("order-1", "cancel")
	_, err = p.ask("POST", "/try", "order-10", `{"name":"truffle","amount":1}`)
	require.NoError(t, err)
}

func TestAPlainSelectSeesWhatMayStillBeUndone(t *testing.T) {
	p := open(t)
	p.done("order-1", "try")
	all, err := p.ask("GET", "/items", "", "")
	require.NoError(t, err)
	require.Contains(t, all, `{"name":"tea","available":8}`)
	_, err = p.ask("GET", "/items/tea", "", "")
	require.ErrorIs(t, err, httpapi.Locked, "SELECT FOR UPDATE")
	p.done("order-1", "cancel")
	tea, err := p.ask("GET", "/items/tea", "", "")
	require.NoError(t, err)
	require.JSONEq(t, `{"name":"tea","available":10}`, tea)
	_, err = p.ask("GET", "/items/gold", "", "")
	require.ErrorIs(t, err, httpapi.NotFound)
}

func TestARowThatAPlainWriterChangedCannotBeUndone(t *testing.T) {
	p := open(t)
	p.done("order-1", "try")
	p.write("UPDATE accounts SET available = available + 5 WHERE name = 'tea'")
	for range 2 {
		require.Contains(t, p.refused(httpapi.NotFound, "order-1", "cancel", "{}"),
			`dirty record: tea of accounts is {"name":"tea","available":13}, and order-1 left `+
				`{"name":"tea","available":8}`)
		require.Equal(t, "13", p.tea(), "and neither 10 nor 15")
		require.Equal(t, one, p.left())
	}
	p.refused(httpapi.Locked, "order-10", "try", twoOfTea)
}

func TestAnOperatorRepairsTheRowAndDeletesTheUndoLog(t *testing.T) {
	p := open(t)
	p.done("order-1", "try")
	p.write("UPDATE accounts SET available = available + 5 WHERE name = 'tea'")
	p.refused(httpapi.NotFound, "order-1", "cancel", "{}")
	p.write("UPDATE accounts SET available = 15 WHERE name = 'tea'")
	p.refused(httpapi.NotFound, "order-1", "cancel", "{}")
	p.write("DELETE FROM undo_log WHERE id = 'order-1'")
	p.done("order-1", "cancel")
	require.Equal(t, "15", p.tea())
	require.Equal(t, none, p.left())
}

func TestARowThatIsGoneIsDirty(t *testing.T) {
	p := open(t)
	p.done("order-1", "try")
	p.write("DELETE FROM accounts WHERE name = 'tea'")
	require.Contains(t, p.refused(httpapi.NotFound, "order-1", "cancel", "{}"), "is gone")
}

func TestAChangedRowCanBeConfirmed(t *testing.T) {
	p := open(t)
	p.done("order-1", "try")
	p.write("UPDATE accounts SET available = available + 5 WHERE name = 'tea'")
	p.done("order-1", "confirm")
	require.Equal(t, "13", p.tea())
}

func TestAnUpdateThatMakesTheRowLookUndoneIsLost(t *testing.T) {
	p := open(t)
	p.done("order-1", "try")
	p.write("UPDATE accounts SET available = available + 2 WHERE name = 'tea'")
	p.done("order-1", "cancel")
	require.Equal(t, "10", p.tea(), "10 and 2 that came in are 12")
}

func TestAWriterThatReadPastTheLockKeepsWhatWasUndone(t *testing.T) {
	p := open(t)
	p.done("order-1", "try")
	read := p.tea()
	p.done("order-1", "cancel")
	p.write("UPDATE accounts SET available = " + read + " + 5 WHERE name = 'tea'")
	require.Equal(t, "13", p.tea(), "10 and 5 that came in are 15")
}
