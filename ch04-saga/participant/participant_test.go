package participant_test

import (
	"cmp"
	"fmt"
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
	return call(service, path, saga, name, amount).Code
}

func call(
	service http.Handler, path, saga, name string, amount int64,
) *httptest.ResponseRecorder {
	r := httptest.NewRequest(
		http.MethodPost,
		path,
		strings.NewReader(fmt.Sprintf(`{"name":%q,"amount":%d}`, name, amount)),
	)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", saga)
	w := httptest.NewRecorder()
	service.ServeHTTP(w, r)
	return w
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

func TestEachRefusalSaysItsReason(t *testing.T) {
	t.Parallel()
	rules := payment.Rules()
	rules.Max = 2000
	service := participant.New(open(t), rules.List, rules.Calls())
	require.Equal(t, 200, post(service, "/void", "undone", "ada", 1))
	require.Equal(t, 200, post(service, "/authorize", "known", "ada", 1))
	for i, row := range []struct {
		path, saga, name string
		amount           int64
		want             httpapi.Kind
	}{
		{"/authorize", "", "ada", 0, httpapi.Unprocessable},
		{"/authorize", "", strings.Repeat("a", 65), 1, httpapi.Unprocessable},
		{"/authorize", "", strings.Repeat("a", 64), 1, httpapi.UnknownCustomer},
		{"/authorize", "", "ada", 2001, httpapi.Unprocessable},
		{"/authorize", "", "bob", 1001, httpapi.InsufficientFunds},
		{"/authorize", "undone", "ada", 1, httpapi.Compensated},
		{"/authorize", "known", "ada", 2, httpapi.KeyReused},
		{"/capture", "", "ada", 1, httpapi.NotFound},
		{"/capture", "undone", "ada", 1, httpapi.NotFound},
	} {
		saga := cmp.Or(row.saga, fmt.Sprint("saga-", i))
		for range 2 { // and says it again
			answer := call(service, row.path, saga, row.name, row.amount)
			require.Contains(t, answer.Body.String(), row.want, "%d: %s", i, answer.Body)
		}
	}
	require.Equal(t, 200, post(service, "/authorize", "most", "ada", 2000))
	require.Equal(t, 200, post(service, "/authorize", "all", "bob", 1000))
	require.JSONEq(t, `[{"name":"ada","amount":7999},{"name":"bob","amount":0}]`, left(t, service))
}

func TestTheLedgerHasWhatIsLeftAndWhatIsDone(t *testing.T) {
	t.Parallel()
	service := participant.New(open(t), "customers", payment.Rules().Calls())
	require.Equal(t, 200, post(service, "/authorize", "order-1", "ada", 80))
	require.Equal(t, 200, post(service, "/capture", "order-1", "ada", 80))
	require.Equal(t, 200, post(service, "/authorize", "order-2", "bob", 1))
	require.Equal(t, 200, post(service, "/void", "order-2", "bob", 1))
	w := httptest.NewRecorder()
	service.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/ledger", nil))
	require.JSONEq(t, `{"accounts":[{"name":"ada","amount":9920},{"name":"bob","amount":1000}],
		"steps":[{"saga":"order-1","step":"authorize","name":"ada","amount":80},
			{"saga":"order-1","step":"capture","name":"ada","amount":80}]}`, w.Body.String())
}

// TestACallThatComesAgainIsKnown is what a reaction to an event needs: upon a
// repetition it publishes nothing.
func TestACallThatComesAgainIsKnown(t *testing.T) {
	t.Parallel()
	db, rules := open(t), payment.Rules()
	one := participant.Account{Name: "ada", Amount: 1}
	for _, row := range []struct {
		call  participant.Call
		again bool
	}{
		{rules.TakeOut, false}, {rules.TakeOut, true},
		{rules.Complete, false}, {rules.Complete, true},
		{rules.GiveBack, false}, {rules.GiveBack, true},
	} {
		require.NoError(t, db.Update(t.Context(), func(tx *sqlite.Tx) error {
			step, err := row.call(tx, "order-1", one)
			require.Equal(t, row.again, step.Again)
			require.Equal(t, one, step.Account)
			return err
		}))
	}
}
