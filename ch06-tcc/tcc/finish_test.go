package tcc_test

import (
	"net/http"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch06-tcc/tcc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// filled is a log with 1,000 transactions that have ended, and 4 that are open.
const filled = tcc.Schema + `
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
	INSERT INTO transactions (id, state, waiting) SELECT 'ended-' || i, 'confirming', '' FROM n;
INSERT INTO transactions (id, state, waiting) VALUES ('a', 'trying', 'stock payment'),
	('b', 'confirming', 'payment'), ('c', 'cancelling', 'stock'),
	('ended-1000x', 'trying', 'stock');
`

func TestRecoveryEndsWhatIsOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &network{answer: yes}
		i := start(t, logAt(t, filepath.Join(t.TempDir(), "order.db"), filled), n)
		time.Sleep(time.Minute)
		require.Equal(t, []string{
			"a payment/cancel", "a stock/cancel", "b payment/confirm", "c stock/cancel",
			"ended-1000x stock/cancel",
		}, n.set(yes))
		open, err := i.Open(t.Context(), false)
		require.NoError(t, err)
		require.Empty(t, open, "open transactions")
		undecided, err := i.Progress(t.Context(), "a", all)
		require.NoError(t, err)
		require.Equal(t, tcc.Cancelling, undecided.State)
		require.Equal(t, httpapi.GivenUp, undecided.Why)
	})
}

func TestRecoveryDoesNotReadWhatHasEnded(t *testing.T) {
	t.Parallel()
	db := logAt(t, filepath.Join(t.TempDir(), "order.db"), filled)
	require.NoError(t, db.View(t.Context(), func(tx *sqlite.Tx) error {
		var id, parent, unused int
		var plan string
		err := tx.QueryRow("EXPLAIN QUERY PLAN "+tcc.ReadOpen, false).
			Scan(&id, &parent, &unused, &plan)
		require.Equal(t, "SCAN transactions USING INDEX open", plan, "how SQLite reads")
		return err
	}))
}

func TestARefusedConfirmIsParkedAndReleased(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		refused := at("delivery/confirm", refusal(httpapi.NotFound))
		i, n := startNew(t, refused)
		decided, err := i.Execute(t.Context(), "order-1", order())
		require.NoError(t, err)
		require.Equal(t, tcc.Confirming, decided.State)
		synctest.Wait()
		parked, err := i.Open(t.Context(), true)
		require.NoError(t, err)
		require.Len(t, parked, 1, "parked transactions")
		require.Equal(t, "delivery", parked[0].Waiting, "the participants that refuse")
		require.Contains(t, parked[0].Parked, "delivery: ")

		n.set(refused)
		time.Sleep(9 * time.Minute)
		require.Empty(t, n.set(refused), "messages in 9 minutes")
		time.Sleep(time.Minute + time.Second)
		require.Equal(t, []string{"order-1 delivery/confirm"}, n.set(yes), "in the tenth minute")

		n.set(func(r *http.Request) error {
			time.Sleep(500 * time.Millisecond)
			return refused(r)
		})
		time.Sleep(10*time.Minute - 900*time.Millisecond) // the next try is under way
		require.ErrorIs(t, i.Release(t.Context(), "order-1"), httpapi.InFlight, "during a try")
		time.Sleep(time.Second)
		n.set(yes)
		require.ErrorIs(t, i.Release(t.Context(), "order-10"), httpapi.NotFound)
		require.NoError(t, i.Release(t.Context(), "order-1"))
		synctest.Wait()
		require.Equal(t, []string{"order-1 delivery/confirm"}, n.set(yes), "when it is released")
		open, err := i.Open(t.Context(), false)
		require.NoError(t, err)
		require.Empty(t, open, "open transactions")
	})
}

func TestOnlyARefusalParks(t *testing.T) {
	t.Parallel()
	for name, answer := range noAnswer() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i, n := startNew(t, at("delivery/confirm", answer))
				_, err := i.Execute(t.Context(), "order-1", order())
				require.NoError(t, err)
				time.Sleep(time.Minute)
				parked, err := i.Open(t.Context(), true)
				require.NoError(t, err)
				require.Empty(t, parked, "parked transactions")
				n.set(yes)
				time.Sleep(10 * time.Second)
				open, err := i.Open(t.Context(), false)
				require.NoError(t, err)
				require.Empty(t, open, "open transactions, when delivery is well again")
			})
		})
	}
}
