package participant_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/ch05-2pc/stock"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// failing fails one statement: the last of those that are left.
type failing struct{ left int }

func (*failing) Begin(context.Context, bool) error { return nil }

func (*failing) Commit(_ context.Context, _ bool, commit func() error) error { return commit() }

func (*failing) Watch(ctx context.Context) context.Context { return ctx }

func (f *failing) Statement(context.Context) error {
	if f.left--; f.left == 0 {
		return errors.New("disk I/O error")
	}
	return nil
}

// TestAStatementThatFailsLeavesNothing fails each statement of each operation in turn.
func TestAStatementThatFailsLeavesNothing(t *testing.T) {
	ctx := t.Context()
	prepareBy := func(id string) func(participant.Rows) error {
		return func(r participant.Rows) error {
			_, err := r.Prepare(ctx, id, some("salt", 1))
			return err
		}
	}
	commit := func(r participant.Rows) error { return r.Commit(ctx, "order-1.1.1") }
	abort := func(r participant.Rows) error { return r.Abort(ctx, "order-1.1.1") }
	bury := func(r participant.Rows) error { return r.Abort(ctx, "order-3.1.4") }
	for name, do := range map[string]func(participant.Rows) error{
		"prepare":                       prepareBy("order-2.1.3"),
		"prepare for a new coordinator": prepareBy("order-2.2.1"),
		"commit":                        commit,
		"abort":                         abort,
		"abort what is yet to come":     bury,
	} {
		t.Run(name, func(t *testing.T) {
			for n := 1; ; n++ {
				f := &failing{}
				db, err := sqlite.Open(ctx, sqlite.Config{
					Path: filepath.Join(t.TempDir(), "stock.db"), Schema: stock.Schema, Gate: f,
				})
				require.NoError(t, err)
				defer func() { require.NoError(t, db.Close()) }()
				rows := participant.NewRows(db, stock.Rules())
				prepare(t, rows, "order-1.1.1", some("tea", 2))
				require.NoError(t, rows.Abort(ctx, "order-0.1.0")) // a tombstone
				was := all(t, db)
				f.left = n
				if err = do(rows); f.left > 0 {
					require.NoError(t, err)
					require.Greater(t, n, 2, "it has two statements at least")
					return
				}
				require.Error(t, err, "statement %d", n)
				require.Equal(t, was, all(t, db), "statement %d", n)
				require.NoError(t, do(rows), "it is asked again")
			}
		})
	}
}

// all is what the database has, as a text.
func all(t *testing.T, db *sqlite.DB) (text string) {
	t.Helper()
	const query = `SELECT group_concat(row, char(10)) FROM (
		SELECT name || ' ' || amount AS row FROM accounts UNION ALL
		SELECT id || ' ' || state || ' ' || epoch FROM branches UNION ALL
		SELECT highest FROM epochs)`
	require.NoError(t, db.View(t.Context(), func(tx *sqlite.Tx) error {
		return tx.QueryRow(query).Scan(&text)
	}))
	return text
}

func TestEachRefusalSaysItsReason(t *testing.T) {
	rules := stock.Rules()
	rules.Max = 9
	db, err := sqlite.Open(t.Context(), sqlite.Config{
		Path: filepath.Join(t.TempDir(), "stock.db"), Schema: stock.Schema,
	})
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	s := participant.New(participant.NewRows(db, rules), nil, rules)
	for _, row := range []struct{ path, id, body, want string }{
		{"/prepare", "mine", `{}`, string(httpapi.Malformed)},
		{"/prepare", "a.1.1", `{"order":"a","name":"tea","amount":-1}`,
			string(httpapi.Unprocessable)},
		{"/prepare", "a.1.1", `{"order":"a","name":"tea","amount":10}`,
			string(httpapi.Unprocessable)},
		{"/prepare", "a.1.1", `{"order":"a","name":"shovel","amount":1}`,
			string(httpapi.UnknownItem)},
		{"/prepare", "a.1.1", `{"order":"a","name":"truffle","amount":2}`,
			string(httpapi.OutOfStock)},
		{"/prepare", "a.1.1", `{"order":"a","name":"tea","amount":0}`, "read-only"},
		{"/prepare", "a.1.1", `{"order":"a","name":"tea","amount":9}`, "yes"},
		{"/prepare", "a.1.1", `{"order":"a","name":"tea","amount":8}`,
			string(httpapi.KeyReused)},
		{"/prepare", "b.1.2", `{"order":"b","name":"truffle","amount":1}`, "yes"},
		{"/prepare", "c.1.3", `{"order":"c","name":"truffle","amount":1}`,
			string(httpapi.Locked)},
		{"/commit", "c.1.3", `{}`, string(httpapi.NotFound)},
		{"/commit", "b.1.2", `{}`, "committed"},
		{"/abort", "b.1.2", `{}`, string(httpapi.NotFound)},
		{"/abort", "a.1.1", `{}`, "aborted"},
		{"/prepare", "a.1.1", `{"order":"a","name":"tea","amount":9}`,
			string(httpapi.Unavailable)},
	} {
		answer := ask(s, "POST", row.path, row.id, row.body).Body.String()
		require.Contains(t, answer, row.want, "%s of %s", row.path, row.id)
	}
	require.Contains(t, ask(s, "GET", "/items/shovel", "", "").Body.String(), httpapi.NotFound)
	require.JSONEq(t, `{"accounts":[{"name":"leaflet","amount":100},{"name":"salt","amount":100},
		{"name":"tea","amount":10},{"name":"truffle","amount":0}],
		"branches":[{"id":"b.1.2","name":"truffle","amount":1,"state":"committed"}]}`,
		ask(s, "GET", "/ledger", "", "").Body.String())
}

// distracted is told to prepare a branch while it looks for branches in doubt.
type distracted struct {
	participant.Rows
	once *sync.Once
	then func()
}

func (d distracted) InDoubt(ctx context.Context) ([]string, error) {
	list, err := d.Rows.InDoubt(ctx)
	d.once.Do(d.then)
	return list, err
}

func TestWhatIsPreparedDuringALookIsAskedAboutSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rows := open(t)
		d := &distracted{Rows: rows, once: &sync.Once{}}
		s := participant.New(d, &http.Client{Transport: saying("aborted")}, stock.Rules())
		d.then = func() {
			const body = `{"order":"order-1","name":"tea","amount":2}`
			require.Equal(t, 200, ask(s, "POST", "/prepare", "order-1.1.1", body).Code)
		}
		run(t, s)
		time.Sleep(2 * time.Second)
		require.Empty(t, tea(t, rows).Lock, "it waits for the look after a rest")
	})
}

func TestWhatCannotBeReadIsNoAnswer(t *testing.T) {
	s := participant.New(open(t), nil, stock.Rules())
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, path := range []string{"/items", "/items/tea", "/in-doubt", "/ledger"} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequestWithContext(gone, http.MethodGet, path, nil))
		require.GreaterOrEqual(t, w.Code, 500, "%s: %s", path, w.Body)
	}
}
