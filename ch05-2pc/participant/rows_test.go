package participant_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/ch05-2pc/stock"
	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

func some(name string, n int64) participant.Wanted {
	return participant.Wanted{Order: "order-1", Name: name, Amount: n}
}

func open(t *testing.T) participant.Rows {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "stock.db"),
		Schema: stock.Schema})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return participant.NewRows(db, stock.Rules())
}

func prepare(t *testing.T, rows participant.Rows, id string, w participant.Wanted) {
	t.Helper()
	vote, err := rows.Prepare(t.Context(), id, w)
	require.NoError(t, err)
	require.Equal(t, twopc.Yes, vote.Vote)
}

func tea(t *testing.T, rows participant.Rows) participant.Account {
	t.Helper()
	accounts, err := rows.Accounts(t.Context())
	require.NoError(t, err)
	require.Equal(t, "tea", accounts[2].Name)
	return accounts[2]
}

func TestAPrepareThatComesAfterItsCommitLocksNothing(t *testing.T) {
	rows := open(t)
	prepare(t, rows, "order-1.1.1", some("tea", 2))
	require.NoError(t, rows.Commit(t.Context(), "order-1.1.1"))
	prepare(t, rows, "order-1.1.1", some("tea", 2))
	require.Equal(t, participant.Account{Name: "tea", Amount: 8}, tea(t, rows))
	require.NoError(t, rows.Commit(t.Context(), "order-1.1.1"), "it comes again, too")
	require.EqualValues(t, 8, tea(t, rows).Amount)
}

func TestALatePrepareMeetsItsTombstoneAndLocksNothing(t *testing.T) {
	rows := open(t)
	require.NoError(t, rows.Abort(t.Context(), "order-1.1.1"))
	_, err := rows.Prepare(t.Context(), "order-1.1.1", some("tea", 2))
	require.ErrorIs(t, err, httpapi.Unavailable)
	require.Empty(t, tea(t, rows).Lock,
		"without a tombstone the row would be locked until the coordinator is asked")
}

func TestACommitOfWhatWasNeverPreparedIsNotAcknowledged(t *testing.T) {
	rows := open(t)
	require.ErrorIs(t, rows.Commit(t.Context(), "order-1.1.1"), httpapi.NotFound)
	prepare(t, rows, "order-1.1.2", some("tea", 2))
	require.NoError(t, rows.Abort(t.Context(), "order-1.1.2"))
	require.ErrorIs(t, rows.Commit(t.Context(), "order-1.1.2"), httpapi.NotFound,
		"an operator has aborted it by hand")
}

func TestALockRefusesAtOnceAndNotForEver(t *testing.T) {
	rows := open(t)
	prepare(t, rows, "order-1.1.1", some("truffle", 1))
	_, err := rows.Prepare(t.Context(), "order-10.1.2", some("truffle", 1))
	require.ErrorIs(t, err, httpapi.Locked,
		"it is not known yet whether one is left: it is not out of stock")
	require.Equal(t, httpapi.NotDone, httpapi.OutcomeOf(err), "so the order is tried again")
	prepare(t, rows, "order-10.1.3", some("tea", 1))
	vote, err := rows.Prepare(t.Context(), "order-11.1.4", some("salt", 0))
	require.NoError(t, err)
	require.Equal(t, twopc.ReadOnly, vote.Vote)
	doubts, err := rows.InDoubt(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"order-1.1.1", "order-10.1.3"}, doubts,
		"who has only read holds nothing")
}

func TestAReaderOfALockedAccountIsToldSoAtOnce(t *testing.T) {
	rows := open(t)
	prepare(t, rows, "order-1.1.1", some("tea", 2))
	require.Equal(t, participant.Account{Name: "tea", Amount: 10, Lock: "order-1.1.1"}, tea(t,
		rows), "past the lock")
	_, err := rows.Account(t.Context(), "tea")
	require.ErrorIs(t, err, httpapi.Locked)
}

func TestAReaderWaitsForTheLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rows := open(t)
		s := participant.New(rows, nil, stock.Rules())
		prepare(t, rows, "order-1.1.1", some("tea", 2))
		require.Equal(t, http.StatusLocked, ask(s, "GET", "/items/tea", "", "").Code,
			"it waited as long as it may")
		seen := make(chan string, 1)
		go func() { seen <- ask(s, "GET", "/items/tea", "", "").Body.String() }()
		time.Sleep(time.Second)
		require.Empty(t, seen, "it waits")
		require.NoError(t, rows.Commit(t.Context(), "order-1.1.1"))
		require.JSONEq(t, `{"name":"tea","amount":8}`, <-seen)
	})
}

func TestAKnownBranchWithOtherContentIsNotAnsweredYes(t *testing.T) {
	rows := open(t)
	prepare(t, rows, "order-1.1.1", some("tea", 2))
	_, err := rows.Prepare(t.Context(), "order-1.1.1", some("tea", 3))
	require.ErrorIs(t, err, httpapi.KeyReused)
	require.NoError(t, rows.Commit(t.Context(), "order-1.1.1"))
	_, err = rows.Prepare(t.Context(), "order-1.1.1", some("salt", 2))
	require.ErrorIs(t, err, httpapi.KeyReused)
}

func TestABranchKeepsItsVoteWhenALimitChanges(t *testing.T) {
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "stock.db"),
		Schema: stock.Schema})
	require.NoError(t, err)
	defer db.Close()
	prepare(t, participant.NewRows(db, stock.Rules()), "order-1.1.1", some("salt", 80))
	narrow := stock.Rules()
	narrow.Max = 50
	next := participant.NewRows(db, narrow)
	prepare(t, next, "order-1.1.1", some("salt", 80))
	_, err = next.Prepare(t.Context(), "order-1.1.2", some("tea", 80))
	require.ErrorIs(t, err, httpapi.Unprocessable)
}

func TestACoordinatorWhoseSuccessorIsKnownPreparesNothing(t *testing.T) {
	rows := open(t)
	prepare(t, rows, "order-1.1.1", some("salt", 1))
	prepare(t, rows, "order-2.2.1", some("tea", 1))
	_, err := rows.Prepare(t.Context(), "order-3.1.2", some("truffle", 1))
	require.ErrorIs(t, err, httpapi.Unavailable)
	prepare(t, rows, "order-1.1.1", some("salt", 1)) // what is known has its vote
	require.NoError(t, rows.Commit(t.Context(), "order-1.1.1"))
}

func TestTombstonesAreForgottenWhenTheEpochHasPassed(t *testing.T) {
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "stock.db"),
		Schema: stock.Schema})
	require.NoError(t, err)
	defer db.Close()
	rows := participant.NewRows(db, stock.Rules())
	for _, id := range []string{"a.1.1", "b.1.2", "c.1.3"} {
		require.NoError(t, rows.Abort(t.Context(), id))
	}
	prepare(t, rows, "d.2.1", some("tea", 1))
	require.Equal(t, 1, count(t, db, "SELECT count(*) FROM branches"), "only d")
	_, err = rows.Prepare(t.Context(), "a.1.1", some("salt", 1))
	require.ErrorIs(t, err, httpapi.Unavailable, "it comes late, and is refused")
}

func TestALookForDoubtVisitsOnlyWhatIsInDoubt(t *testing.T) {
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "stock.db"),
		Schema: stock.Schema})
	require.NoError(t, err)
	defer db.Close()
	require.NoError(t, db.Update(t.Context(), func(tx *sqlite.Tx) error {
		_, err := tx.Exec(`WITH RECURSIVE n (i) AS
				(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
			INSERT INTO branches SELECT 'order-' || i || '.1.' || i, 'order-' || i, 'tea', 1,
				'committed', 1 FROM n`)
		return err
	}))
	prepare(t, participant.NewRows(db, stock.Rules()), "order-1.2.1", some("tea", 1))
	var id, parent, unused int
	var plan string
	require.NoError(t, db.View(t.Context(), func(tx *sqlite.Tx) error {
		return tx.QueryRow("EXPLAIN QUERY PLAN "+participant.InDoubt).Scan(&id, &parent, &unused,
			&plan)
	}))
	require.Contains(t, plan, "USING INDEX locks", "10,001 rows are visited")
	const prepared = "SELECT count(*) FROM branches INDEXED BY locks WHERE state = 'prepared'"
	require.Equal(t, 1, count(t, db, prepared), "rows that the index has")
}

func count(t *testing.T, db *sqlite.DB, query string) (n int) {
	t.Helper()
	require.NoError(t, db.View(t.Context(),
		func(tx *sqlite.Tx) error { return tx.QueryRow(query).Scan(&n) }))
	return n
}

// ask has a handler answer one request.
func ask(h http.Handler, method, path, key, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestAMessageIsReadToItsEndBeforeItIsObeyed(t *testing.T) {
	rows := open(t)
	s := participant.New(rows, nil, stock.Rules())
	prepare(t, rows, "order-1.1.1", some("tea", 2))
	for _, path := range []string{"/commit", "/abort"} {
		keyless := ask(s, "POST", path, "", "{}").Body.String()
		require.Contains(t, keyless, string(httpapi.MissingKey))
		require.Equal(t, 400, ask(s, "POST", path, "order-1.1.1", "").Code, "%s with no body", path)
		require.Equal(t, 400, ask(s, "POST", path, "order-1.1.1", `{"state":"aborted"}`).Code,
			"%s with another body", path)
		require.Equal(t, 400, ask(s, "POST", path, "mine", `{}`).Code, "%s of no transaction", path)
	}
	require.Equal(t, "order-1.1.1", tea(t, rows).Lock)
	require.Equal(t, 400, ask(s, "POST", "/prepare", "mine",
		`{"order":"mine","name":"salt","amount":1}`).Code,
		"the coordinator could not be asked about it")
	require.JSONEq(t, `["order-1.1.1"]`, ask(s, "GET", "/in-doubt", "", "").Body.String())
	require.JSONEq(t, `{"state":"committed"}`, ask(s, "POST", "/commit", "order-1.1.1",
		"{}").Body.String())
}

func TestTheLedgerHasWhatIsLeftAndWhatIsPreparedOrCommitted(t *testing.T) {
	rows := open(t)
	s := participant.New(rows, nil, stock.Rules())
	prepare(t, rows, "order-1.1.1", some("tea", 2))
	require.NoError(t, rows.Commit(t.Context(), "order-1.1.1"))
	prepare(t, rows, "order-2.1.2", some("salt", 3))
	require.NoError(t, rows.Abort(t.Context(), "order-3.1.3"))
	require.JSONEq(t, `{"accounts": [{"name": "leaflet", "amount": 100},
		{"name": "salt", "amount": 100}, {"name": "tea", "amount": 8}, {"name": "truffle", "amount": 1}],
		"branches": [{"id": "order-1.1.1", "name": "tea", "amount": 2, "state": "committed"},
		{"id": "order-2.1.2", "name": "salt", "amount": 3, "state": "prepared"}]}`,
		ask(s, "GET", "/ledger", "", "").Body.String())
}
