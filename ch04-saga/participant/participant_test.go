package participant_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch04-saga/participant"
	"example.com/dtx/ch04-saga/payment"
	"example.com/dtx/internal/sqlite"
)

// open makes the database of payment.
func open(t *testing.T) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Config{
		Path:   filepath.Join(t.TempDir(), "payment.db"),
		Schema: payment.Schema,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// post makes a call of a saga and returns the status of the answer.
func post(service http.Handler, path, saga, name string, amount int64) int {
	r := httptest.NewRequest(
		http.MethodPost,
		path,
		strings.NewReader(fmt.Sprintf(`{"name":%q,"amount":%d}`, name, amount)),
	)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", saga)
	w := httptest.NewRecorder()
	service.ServeHTTP(w, r)
	return w.Code
}

func left(t *testing.T, service http.Handler) string {
	t.Helper()
	w := httptest.NewRecorder()
	service.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/customers", nil))
	return strings.TrimSpace(w.Body.String())
}

const untouched = `[{"name":"ada","amount":10000},{"name":"bob","amount":1000}]`

func TestAnAnswerOutlivesANarrowerRelease(t *testing.T) {
	t.Parallel()
	db, wide, narrow := open(t), payment.Rules(), payment.Rules()
	narrow.Max = 50
	before := participant.New(db, wide.List, wide.Calls())
	after := participant.New(db, narrow.List, narrow.Calls())
	require.Equal(t, 200, post(before, "/authorize", "order-1", "ada", 80))
	require.Equal(t, 200, post(before, "/authorize", "order-2", "ada", 80))
	require.Equal(
		t,
		200,
		post(after, "/authorize", "order-1", "ada", 80),
		"the retry of a call that was done",
	)
	require.Equal(t, 200, post(after, "/capture", "order-1", "ada", 80))
	require.Equal(
		t,
		200,
		post(after, "/void", "order-2", "ada", 80),
		"a compensation cannot be refused",
	)
	require.Equal(
		t,
		200,
		post(after, "/void", "order-3", "ada", 80),
		"nor can one that comes first",
	)
	require.JSONEq(t, `[{"name":"ada","amount":9920},{"name":"bob","amount":1000}]`, left(t, after))

	require.Equal(t, 422, post(after, "/authorize", "order-4", "ada", 80))
	require.Equal(
		t,
		422,
		post(before, "/authorize", "order-4", "ada", 80),
		"a refusal is final, too",
	)
}

func TestARefusalOutlivesItsReason(t *testing.T) {
	t.Parallel()
	db := open(t)
	service := participant.New(db, "customers", payment.Rules().Calls())
	require.Equal(t, 422, post(service, "/authorize", "order-1", "eve", 80))
	require.NoError(t, db.Update(t.Context(), func(tx *sqlite.Tx) error {
		_, err := tx.Exec("INSERT INTO accounts VALUES ('eve', 100)")
		return err
	}))
	require.Equal(
		t,
		422,
		post(service, "/authorize", "order-1", "eve", 80),
		"the first answer was a no",
	)
}

func TestACallWithOtherContentIsNotTheSameCall(t *testing.T) {
	t.Parallel()
	service := participant.New(open(t), "customers", payment.Rules().Calls())
	require.Equal(t, 200, post(service, "/authorize", "order-1", "ada", 80))
	for _, path := range []string{"/authorize", "/void", "/capture"} {
		require.Equal(t, 422, post(service, path, "order-1", "ada", 81), path)
		require.Equal(t, 422, post(service, path, "order-1", "bob", 80), path)
	}
	require.Equal(t, 200, post(service, "/void", "order-1", "ada", 80))
	require.JSONEq(t, untouched, left(t, service))
}

func TestWhatNoReleaseTakesIsNotWrittenDown(t *testing.T) {
	t.Parallel()
	db := open(t)
	service := participant.New(db, "customers", payment.Rules().Calls())
	for _, path := range []string{"/authorize", "/void", "/capture"} {
		for _, amount := range []int64{0, -5, -1 << 63} {
			require.Equal(
				t,
				422,
				post(service, path, "order-1", "ada", amount),
				"%s of %d",
				path,
				amount,
			)
		}
		require.Equal(t, 422, post(service, path, "order-1", strings.Repeat("a", 60_000), 1), path)
	}
	require.NoError(t, db.View(t.Context(), func(tx *sqlite.Tx) error {
		var n int
		require.NoError(t, tx.QueryRow("SELECT count(*) FROM steps").Scan(&n))
		require.Zero(t, n)
		return nil
	}))
	require.JSONEq(t, untouched, left(t, service))
}
