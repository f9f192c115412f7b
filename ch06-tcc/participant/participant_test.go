package participant_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch06-tcc/participant"
	"example.com/dtx/ch06-tcc/payment"
	"example.com/dtx/ch06-tcc/tcc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// customers is a participant, and its database.
type customers struct {
	http.Handler
	db *sqlite.DB
}

// open returns payment: ada has 10,000 cents, and bob has 1,000.
func open(t *testing.T) customers {
	t.Helper()
	path := filepath.Join(t.TempDir(), "payment.db")
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Schema: payment.Schema})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return customers{participant.New(db, payment.Rules()), db}
}

// done is what an acknowledged message of order-1 is answered.
const done httpapi.Kind = "done"

// send returns how a message of order-1 is answered: done, or the refusal.
func (c customers) send(t *testing.T, op tcc.Operation, body string) httpapi.Kind {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/"+string(op), strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", "order-1")
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	answer, err := httpapi.ReadAnswer[tcc.Answer](w.Result())
	if err != nil {
		problem, isProblem := err.(*httpapi.Problem)
		require.True(t, isProblem, "%s %s: %v", op, body, err)
		return problem.Type
	}
	require.Equal(t, op, answer.Done, "what is acknowledged")
	return done
}

// ada returns what ada has: available and reserved, in cents.
func (c customers) ada(t *testing.T) [2]int64 {
	t.Helper()
	w := httptest.NewRecorder()
	c.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/customers", nil))
	accounts, err := httpapi.ReadAnswer[[]participant.Account](w.Result())
	require.NoError(t, err)
	return [2]int64{accounts[0].Available, accounts[0].Reserved}
}

// written returns how many rows the messages have left.
func (c customers) written(t *testing.T) (rows int) {
	t.Helper()
	require.NoError(t, c.db.View(t.Context(), func(tx *sqlite.Tx) error {
		const count = `SELECT (SELECT count(*) FROM barrier) + (SELECT count(*) FROM reservations)`
		return tx.QueryRow(count).Scan(&rows)
	}))
	return rows
}

// wanted is a try's body.
func wanted(name string, amount int64) string {
	return fmt.Sprintf(`{"name":%q,"amount":%d}`, name, amount)
}

func TestMessagesMayComeAgainAndInAnyOrder(t *testing.T) {
	t.Parallel()
	type step struct {
		op     tcc.Operation
		answer httpapi.Kind
		ada    [2]int64 // cents, then
	}
	free, held, gone := [2]int64{10_000, 0}, [2]int64{9_920, 80}, [2]int64{9_920, 0}
	for name, steps := range map[string][]step{ // what comes for order-1, one after the other
		"a confirm takes out once": {
			{tcc.Try, done, held}, {tcc.Try, done, held},
			{tcc.Confirm, done, gone}, {tcc.Confirm, done, gone},
		},
		"a cancel gives back once": {
			{tcc.Try, done, held}, {tcc.Cancel, done, free}, {tcc.Cancel, done, free},
		},
		"a try after an empty cancel is refused": {
			{tcc.Cancel, done, free}, {tcc.Cancel, done, free},
			{tcc.Try, httpapi.Cancelled, free}, {tcc.Try, httpapi.Cancelled, free},
			{tcc.Cancel, done, free},
		},
		"a try after its cancel is refused": {
			{tcc.Try, done, held}, {tcc.Cancel, done, free}, {tcc.Try, httpapi.Cancelled, free},
		},
		"a try after its confirm reserves nothing": {
			{tcc.Try, done, held}, {tcc.Confirm, done, gone}, {tcc.Try, done, gone},
		},
		"a confirm needs a try": {
			{tcc.Confirm, httpapi.NotFound, free}, {tcc.Try, done, held}, {tcc.Confirm, done, gone},
		},
		"a confirm after a cancel is refused": {
			{tcc.Try, done, held}, {tcc.Cancel, done, free}, {tcc.Confirm, httpapi.NotFound, free},
		},
		"a confirm after an empty cancel is refused": {
			{tcc.Cancel, done, free}, {tcc.Confirm, httpapi.NotFound, free},
		},
		"a cancel after a confirm is refused": {
			{tcc.Try, done, held}, {tcc.Confirm, done, gone}, {tcc.Cancel, httpapi.NotFound, gone},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := open(t)
			for i, s := range steps {
				body := map[bool]string{true: wanted("ada", 80), false: "{}"}[s.op == tcc.Try]
				require.Equal(t, s.answer, c.send(t, s.op, body), "message %d, %s", i+1, s.op)
				require.Equal(t, s.ada, c.ada(t), "ada's cents after message %d, %s", i+1, s.op)
			}
		})
	}
}

func TestARefusedTryLeavesNothing(t *testing.T) {
	t.Parallel()
	longest := strings.Repeat("a", 64)
	for _, row := range []struct {
		body   string
		answer httpapi.Kind
	}{
		{wanted("ada", 10_001), httpapi.InsufficientFunds},
		{wanted("eve", 80), httpapi.UnknownCustomer},
		{wanted("ada", 0), httpapi.Unprocessable},
		{wanted("ada", -5), httpapi.Unprocessable},
		{wanted("ada", -1<<63), httpapi.Unprocessable},
		{wanted("ada", payment.Rules().Max+1), httpapi.Unprocessable},
		{wanted("ada", payment.Rules().Max), httpapi.InsufficientFunds},
		{wanted(longest+"a", 80), httpapi.Unprocessable},
		{wanted(longest, 80), httpapi.UnknownCustomer},
	} {
		c := open(t)
		require.Equal(t, row.answer, c.send(t, tcc.Try, row.body), row.body)
		require.Zero(t, c.written(t), "rows after a try of %s", row.body)
		require.Equal(t, [2]int64{10_000, 0}, c.ada(t), "ada's cents after a try of %s", row.body)
		require.Equal(t, done, c.send(t, tcc.Cancel, "{}"), "the cancel of a refused try")
		require.Equal(t, [2]int64{10_000, 0}, c.ada(t), "ada's cents after its cancel")
	}
}

func TestATryWithOtherContentIsNotTheSameTry(t *testing.T) {
	t.Parallel()
	c := open(t)
	require.Equal(t, done, c.send(t, tcc.Try, wanted("ada", 80)))
	require.Equal(t, httpapi.KeyReused, c.send(t, tcc.Try, wanted("ada", 81)))
	require.Equal(t, httpapi.KeyReused, c.send(t, tcc.Try, wanted("bob", 80)))
	require.Equal(t, [2]int64{9_920, 80}, c.ada(t))
}

func TestAReservationOutlivesANarrowerRelease(t *testing.T) {
	t.Parallel()
	for op, ada := range map[tcc.Operation][2]int64{
		tcc.Confirm: {9_920, 0}, tcc.Cancel: {10_000, 0},
	} {
		before := open(t)
		require.Equal(t, done, before.send(t, tcc.Try, wanted("ada", 80)))
		rules := payment.Rules()
		rules.Max = 50
		after := customers{participant.New(before.db, rules), before.db}
		require.Equal(t, done, after.send(t, tcc.Try, wanted("ada", 80)), "a repeated try")
		require.Equal(t, done, after.send(t, op, "{}"), op)
		require.Equal(t, ada, after.ada(t), "ada's cents after a %s", op)
	}
}

func TestAReservationIsOutOfReachOfOthers(t *testing.T) {
	t.Parallel()
	c := open(t)
	require.NoError(t, c.db.Update(t.Context(), func(tx *sqlite.Tx) error {
		_, err := tx.Exec(`UPDATE accounts SET available = 40, reserved = 9960 WHERE name = 'ada'`)
		return err
	}))
	require.Equal(t, httpapi.InsufficientFunds, c.send(t, tcc.Try, wanted("ada", 41)))
	require.Equal(t, done, c.send(t, tcc.Try, wanted("ada", 40)))
	require.Equal(t, [2]int64{0, 10_000}, c.ada(t))
}

func TestTheLedgerHasWhatIsAvailableAndWhatIsReserved(t *testing.T) {
	t.Parallel()
	c := open(t)
	ledger := func() string {
		w := httptest.NewRecorder()
		c.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/ledger", nil))
		return w.Body.String()
	}
	require.Equal(t, done, c.send(t, tcc.Try, wanted("ada", 80)))
	require.JSONEq(t, `{"accounts": [{"name": "ada", "available": 9920, "reserved": 80},
		{"name": "bob", "available": 1000, "reserved": 0}],
		"reservations": [{"id": "order-1", "name": "ada", "amount": 80, "state": "reserved"}]}`,
		ledger())
	require.Equal(t, done, c.send(t, tcc.Confirm, "{}"))
	require.Contains(t, ledger(), `"state":"confirmed"`)
	c = open(t)
	require.Equal(t, done, c.send(t, tcc.Try, wanted("ada", 80)))
	require.Equal(t, done, c.send(t, tcc.Cancel, "{}"))
	require.Contains(t, ledger(), `"reservations":[]`)
}
