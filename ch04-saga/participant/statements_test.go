package participant_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch04-saga/participant"
	"example.com/dtx/ch04-saga/payment"
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

// TestAStatementThatFailsLeavesNothing fails each statement of each call in turn. The
// customers ada and bob have an authorization each; bob has too little for another.
func TestAStatementThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	rules, ctx := payment.Rules(), t.Context()
	for name, row := range map[string]struct {
		call       participant.Call
		saga, who  string
		amount     int64
		statements int
	}{
		"take":                     {rules.TakeOut, "order-3", "ada", 1, 3},
		"refuse":                   {rules.TakeOut, "order-3", "bob", 2000, 4},
		"compensate":               {rules.GiveBack, "order-1", "ada", 80, 3},
		"compensate what may come": {rules.GiveBack, "order-3", "ada", 1, 2},
		"finish":                   {rules.Complete, "order-1", "ada", 80, 3},
	} {
		t.Run(name, func(t *testing.T) {
			for n := 1; n <= row.statements; n++ {
				f := &failing{}
				db, err := sqlite.Open(ctx, sqlite.Config{
					Path: filepath.Join(t.TempDir(), "payment.db"), Schema: payment.Schema, Gate: f,
				})
				require.NoError(t, err)
				defer func() { require.NoError(t, db.Close()) }()
				carry := func(call participant.Call, saga, who string, amount int64) error {
					return db.Update(ctx, func(tx *sqlite.Tx) error {
						_, err := call(tx, saga, participant.Account{Name: who, Amount: amount})
						return err
					})
				}
				require.NoError(t, carry(rules.TakeOut, "order-1", "ada", 80))
				was := all(t, db)
				f.left = n
				require.Error(t, carry(row.call, row.saga, row.who, row.amount), "statement %d", n)
				require.Equal(t, was, all(t, db), "statement %d", n)
				require.NoError(t, carry(row.call, row.saga, row.who, row.amount), "asked again")
				require.NotEqual(t, was, all(t, db))
			}
		})
	}
}

// all is what the database has, as a text.
func all(t *testing.T, db *sqlite.DB) (text string) {
	t.Helper()
	const query = `SELECT group_concat(row, char(10)) FROM (
		SELECT name || ' ' || amount AS row FROM accounts UNION ALL
		SELECT saga || ' ' || step || ' ' || state || ' ' || amount FROM steps)`
	require.NoError(t, db.View(t.Context(), func(tx *sqlite.Tx) error {
		return tx.QueryRow(query).Scan(&text)
	}))
	return text
}

func TestWhatCannotBeReadIsNoAnswer(t *testing.T) {
	t.Parallel()
	service := participant.New(open(t), "customers", payment.Rules().Calls())
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, path := range []string{"/customers", "/ledger"} {
		w := httptest.NewRecorder()
		service.ServeHTTP(w, httptest.NewRequestWithContext(gone, http.MethodGet, path, nil))
		require.GreaterOrEqual(t, w.Code, 500, "%s: %s", path, w.Body)
	}
}

func TestACallThatCannotBeReadChangesNothing(t *testing.T) {
	t.Parallel()
	service := participant.New(open(t), "customers", payment.Rules().Calls())
	for _, row := range []struct {
		key, body string
		want      httpapi.Kind
	}{
		{"", `{"name":"ada","amount":1}`, httpapi.MissingKey},
		{"order-1", `{"name":"ada"}`, httpapi.Malformed},
		{"order-1", "one cent of ada's", httpapi.Malformed},
	} {
		r := httptest.NewRequest(http.MethodPost, "/authorize", strings.NewReader(row.body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", row.key)
		w := httptest.NewRecorder()
		service.ServeHTTP(w, r)
		require.Contains(t, w.Body.String(), row.want, "%q: %s", row.key, row.body)
	}
	require.JSONEq(t, untouched, left(t, service))
}
