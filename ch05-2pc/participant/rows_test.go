package participant_test

import (
	"context"
	"path/filepath"
	"testing"
	"testing/synctest"

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
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "stock.db"), Schema: stock.Schema})
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
	require.Empty(t, tea(t, rows).Lock, "without a tombstone the row would be locked until the coordinator is asked")
}

func TestACommitOfWhatWasNeverPreparedIsNotAcknowledged(t *testing.T) {
	rows := open(t)
	require.ErrorIs(t, rows.Commit(t.Context(), "order-1.1.1"), httpapi.NotFound)
	prepare(t, rows, "order-1.1.2", some("tea", 2))
	require.NoError(t, rows.Abort(t.Context(), "order-1.1.2"))
	require.ErrorIs(t, rows.Commit(t.Context(), "order-1.1.2"), httpapi.NotFound, "somebody has aborted it by hand")
}

func TestALockRefusesAtOnceAndNotForEver(t *testing.T) {
	rows := open(t)
	prepare(t, rows, "order-1.1.1", some("truffle", 1))
	_, err := rows.Prepare(t.Context(), "order-10.1.2", some("truffle", 1))
	require.ErrorIs(t, err, httpapi.Locked, "nobody knows yet whether one is left: it is not out of stock")
	require.Equal(t, httpapi.NotDone, httpapi.OutcomeOf(err), "so the order is tried again")
	prepare(t, rows, "order-10.1.3", some("tea", 1))
	vote, err := rows.Prepare(t.Context(), "order-11.1.4", some("salt", 0))
	require.NoError(t, err)
	require.Equal(t, twopc.ReadOnly, vote.Vote)
	doubts, err := rows.InDoubt(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"order-1.1.1", "order-10.1.3"}, doubts, "who has only read holds nothing")
}

func TestOneReaderSeesTheOldValueAndTheOtherWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rows := open(t)
		prepare(t, rows, "order-1.1.1", some("tea", 2))
		require.Equal(t, participant.Account{Name: "tea", Amount: 10, Lock: "order-1.1.1"}, tea(t, rows), "past the lock")
		_, err := rows.Account(t.Context(), "tea")
		require.ErrorIs(t, err, httpapi.Locked, "it waited as long as it may")

		seen := make(chan participant.Account, 1)
		go func() {
			a, _ := rows.Account(context.Background(), "tea")
			seen <- a
		}()
		synctest.Wait()
		require.Empty(t, seen, "it waits")
		require.NoError(t, rows.Commit(t.Context(), "order-1.1.1"))
		require.Equal(t, participant.Account{Name: "tea", Amount: 8}, <-seen)
	})
}
