package tcc_test

import (
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch06-tcc/tcc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

func TestTheCustomerIsAnsweredAtTheDecision(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i, n := startNew(t, at("stock/confirm", silent))
		decided, err := i.Execute(t.Context(), "order-1", order())
		require.NoError(t, err)
		require.Equal(t, tcc.Confirming, decided.State)
		require.Equal(t, "stock payment delivery", decided.Waiting(), "not acknowledged")
		synctest.Wait()
		require.Equal(t, toAll(tcc.Confirm, 1), only(tcc.Confirm, n.set(yes)))

		time.Sleep(time.Minute)
		require.Equal(t, []string{"order-1 stock/confirm"}, n.set(yes), "what was not acknowledged")
		now, err := i.Progress(t.Context(), "order-1", all)
		require.NoError(t, err)
		require.Empty(t, now.Waiting(), "not acknowledged")
	})
}

func TestOneRefusalCancelsAllForItsReason(t *testing.T) {
	t.Parallel()
	for name, others := range map[string]answer{"the others reserve": yes, "no others": silent} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i, n := startNew(t, func(r *http.Request) error {
					if r.URL.Path != "/try" {
						return nil
					}
					if r.URL.Host == "payment" {
						return httpapi.InsufficientFunds.With("")
					}
					return others(r)
				})
				decided, err := i.Execute(t.Context(), "order-1", order())
				require.NoError(t, err)
				require.Equal(t, tcc.Cancelling, decided.State)
				require.Equal(t, httpapi.InsufficientFunds, decided.Why)
				synctest.Wait()
				require.Equal(t, toAll(tcc.Cancel, 1), only(tcc.Cancel, n.set(yes)))
			})
		})
	}
}

func TestATryIsRepeatedAndThenGivenUp(t *testing.T) {
	t.Parallel()
	for name, answer := range noAnswer() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i, n := startNew(t, at("payment/try", answer))
				decided, err := i.Execute(t.Context(), "order-1", order())
				require.NoError(t, err)
				require.Equal(t, tcc.Cancelling, decided.State)
				require.Equal(t, httpapi.GivenUp, decided.Why)
				synctest.Wait()
				sent := n.set(yes)
				require.Equal(t, []string{
					"order-1 delivery/try", "order-1 payment/try", "order-1 payment/try",
					"order-1 payment/try", "order-1 payment/try", "order-1 stock/try",
				}, only(tcc.Try, slices.Clone(sent)))
				require.Equal(t, toAll(tcc.Cancel, 1), only(tcc.Cancel, sent))
			})
		})
	}
}

func TestASecondCallWaitsForTheFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i, n := startNew(t, at("stock/try", silent))
		first := execute(t, i)
		synctest.Wait() // it waits for stock
		second := execute(t, i)
		synctest.Wait()
		require.Equal(t, toAll(tcc.Try, 1), n.set(yes), "messages of both calls")
		require.Equal(t, tcc.Confirming, (<-first).State)
		require.Equal(t, tcc.Confirming, (<-second).State)
	})
}

func TestASecondCallHearsTheSameAndSendsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i, n := startNew(t, at("stock/try", refusal(httpapi.OutOfStock)))
		_, err := i.Execute(t.Context(), "order-1", order())
		require.NoError(t, err)
		synctest.Wait()
		n.set(yes)
		again, err := i.Execute(t.Context(), "order-1", order())
		require.NoError(t, err)
		require.Equal(t, httpapi.OutOfStock, again.Why)
		other := order()
		other.Check = func(*sqlite.Tx) error { return httpapi.KeyReused.With("") }
		_, err = i.Execute(t.Context(), "order-1", other)
		require.ErrorIs(t, err, httpapi.KeyReused)
		require.Empty(t, n.set(yes), "messages of the second and the third call")
	})
}

func TestWhatIsNotRecordedSendsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i, n := startNew(t, yes)
		refused := order()
		refused.Record = func(*sqlite.Tx) ([]tcc.Branch, error) {
			return nil, httpapi.UnknownItem.With("")
		}
		_, err := i.Execute(t.Context(), "order-1", refused)
		require.ErrorIs(t, err, httpapi.UnknownItem)
		time.Sleep(time.Hour)
		require.Empty(t, n.set(yes), "messages")
		_, err = i.Progress(t.Context(), "order-1", all)
		require.ErrorIs(t, err, httpapi.NotFound)
	})
}

func TestASupersededProcessDecidesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "order.db")
		late, heirs := &network{answer: at("stock/try", silent)}, &network{answer: yes}
		old := start(t, logAt(t, path, tcc.Schema), late)
		told := execute(t, old)
		synctest.Wait() // it waits for stock
		late.set(yes)   // and would decide to confirm
		heir := start(t, logAt(t, path, tcc.Schema), heirs)
		synctest.Wait()
		require.Equal(t, toAll(tcc.Cancel, 1), heirs.set(yes), "what the successor sends")

		require.Equal(t, tcc.Trying, (<-told).State, "what the old process answers")
		time.Sleep(time.Hour)
		require.Equal(t, []string{"order-1 stock/try"}, late.set(yes), "what it sends afterwards")
		_, err := old.Execute(t.Context(), "order-2", order())
		require.ErrorIs(t, err, httpapi.Unavailable)
		now, err := heir.Progress(t.Context(), "order-1", all)
		require.NoError(t, err)
		require.Equal(t, tcc.Cancelling, now.State)
		require.Equal(t, httpapi.GivenUp, now.Why)
	})
}
